/**
 * Measures how long a request to a service waits for its reply on the embedded log: one after another on an idle log, then while requests
 * of the lane heavy are queued, of which each keeps its worker busy for 20 ms. The baseline is the idle time of the same run.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedLog } from '@tidings/event-log/embedded/embedded-log.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { ServiceRequester } from '@tidings/event-log/request-reply/requester.ts';
import { requestGroup, serveRequests } from '@tidings/event-log/request-reply/serve-requests.ts';
import { attemptsTopic, deadLetterTopic } from '@tidings/event-log/retry/topic-names.ts';
import { pause } from '@tidings/failures/retry.ts';
import { numberOption, percentile } from '../measure.ts';

const service = 'reports';
const topics = { normal: 'requests.normal', heavy: 'requests.heavy', replies: 'replies' };
const PARTITIONS = 4;
/** Milliseconds that a heavy request keeps its worker busy. */
const HEAVY_MS = 20;
const body = new TextEncoder().encode(JSON.stringify({ month: '2026-11' }));

/** `--requests 500`, `--heavy 1000`: prints p50 and p99 of both, and the ratio of their p99. */
export async function run(words: string[]): Promise<void> {
  const requests = numberOption(words, 'requests', 500);
  const heavy = numberOption(words, 'heavy', 1_000);
  const directory = await mkdtemp(join(tmpdir(), 'tidings-bench-'));
  const log = await openEmbeddedLog({ directory });
  try {
    const requester = await prepare(log);
    await timeRequests(requester, 50, 'warm-up');
    const idle = await timeRequests(requester, requests, 'idle');
    const queued = await Promise.all(Array.from({ length: heavy }, () => send(requester, 'heavy')));
    const beside = await timeRequests(requester, requests, 'beside heavy ones');
    const ratio = percentile(beside, 0.99) / percentile(idle, 0.99);
    const left = requester.openRequests;
    await Promise.all(queued.map(({ reply }) => reply));
    console.log(
      `beside ${heavy} heavy requests, of which ${left} still stood: ratio to the idle p99 ${ratio.toFixed(1)} (to reach: 3.0)`,
    );
  } finally {
    await log.close();
    await rm(directory, { recursive: true, force: true });
  }
}

/** Makes the topics and begins to serve. */
async function prepare(log: EventLog): Promise<ServiceRequester> {
  await log.ensureTopics([
    ...Object.values(topics).map((name) => ({ name, partitions: PARTITIONS, cleanup: 'delete' as const })),
    ...(['normal', 'heavy'] as const).flatMap((lane) => {
      const group = requestGroup(service, lane);
      return [attemptsTopic(group), deadLetterTopic(topics[lane], group)].map((name) => ({
        name,
        partitions: 1,
        cleanup: 'compact' as const,
      }));
    }),
  ]);
  await serveRequests({
    ...{ log, topics, service, delaysMs: [], isOutage: () => false },
    describe: () => ({ code: 'failed', message: 'The request failed.' }),
    async handle({ method }) {
      if (method === 'heavy') await pause(HEAVY_MS);
      return { status: 200, headers: {}, body };
    },
  });
  return ServiceRequester.open({ log, topics });
}

function send(requester: ServiceRequester, lane: 'normal' | 'heavy') {
  return requester.send({ service, method: lane, lane, body, deadline: Date.now() + 600_000 });
}

async function timeRequests(requester: ServiceRequester, count: number, name: string): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const start = performance.now();
    const { reply } = await send(requester, 'normal');
    await reply;
    times.push(performance.now() - start);
  }
  console.log(
    `${name}: p50 ${percentile(times, 0.5).toFixed(1)} ms, p99 ${percentile(times, 0.99).toFixed(1)} ms`,
  );
  return times;
}
