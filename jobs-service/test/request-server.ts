/** The routes of requests over real HTTP, on a log of the test, with workers that use the log itself. */
import { MAX_REQUEST_FILE_BYTES } from '@tidings/contracts/services/requests.ts';
import { requestTopics } from '@tidings/contracts/topics.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import type { ReceivedRequest, Reply } from '@tidings/event-log/request-reply/request-records.ts';
import { serveRequests } from '@tidings/event-log/request-reply/serve-requests.ts';
import { openTestLog } from '@tidings/testing/log.ts';
import { onTestFinished } from 'vitest';
import { REQUEST_RETRY_DELAYS_MS } from '../requests/plan-topics.ts';
import { type ApiServerOptions, startApiServer } from './api-server.ts';

/** Two methods, one in each lane, and one that never has time. */
export const reports = {
  reports: {
    methods: {
      list: { maxFileBytes: 0 },
      create: {
        lane: 'heavy',
        schema: { type: 'object', required: ['month'], properties: { month: { type: 'string' } } },
      },
      hurry: { timeoutMs: 100, perMinute: 1 },
      brief: { timeoutMs: 1_500 },
      small: { maxBodyBytes: 20, maxFileBytes: 20 },
    },
  },
};

export async function startRequestServer(options: ApiServerOptions & { readonly log?: EventLog } = {}) {
  const log = options.log ?? (await openTestLog());
  const server = await startApiServer(
    { log },
    { services: reports, requests: { perMinute: 10_000, atOnce: 2_000 }, ...options },
  );
  const token = await server.issueToken('mira');
  const send = async (path: string, init: RequestInit = {}, bearer: string | undefined = token) =>
    server.send(path, bearer, init);
  const post = (path: string, body: unknown, headers: Record<string, string> = {}, bearer = token) =>
    send(
      path,
      {
        method: 'POST',
        body: typeof body === 'string' ? body : JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...headers },
      },
      bearer,
    );
  return { ...server, log, token, send, post };
}

/** Works off the requests to `reports`, until the test ends. */
export async function serveReports(
  log: EventLog,
  handle: (request: ReceivedRequest) => Promise<Reply> | Reply,
): Promise<void> {
  const workers = await serveRequests({
    ...{
      log,
      topics: requestTopics,
      service: 'reports',
      delaysMs: REQUEST_RETRY_DELAYS_MS,
      maxReplyBytes: MAX_REQUEST_FILE_BYTES,
    },
    isOutage: () => false,
    describe: () => ({ code: 'broken', message: 'It is broken.' }),
    handle: async (request) => handle(request),
  });
  onTestFinished(() => workers.stop());
}

export const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
export const json = (value: unknown, status = 200): Reply => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: new TextEncoder().encode(JSON.stringify(value)),
});
