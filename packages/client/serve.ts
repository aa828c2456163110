/** For workers: answers the requests to a service by HTTP, without Kafka. */
import type { RequestReply, TakenRequest } from '@tidings/contracts/services/requests.ts';
import type { ProblemError } from './errors.ts';
import { sendRequest, whateverIsRetriable } from './http/request.ts';

export { ProblemError } from './errors.ts';

export interface RequestInHand extends Omit<TakenRequest, 'lease' | 'leaseEndsAt'> {
  /** Aborted when the request is no longer this worker's: it was handed out again, or its deadline has passed. */
  readonly signal: AbortSignal;
}

/** `status` is 200 by default. */
export type AnswerToRequest = Omit<RequestReply, 'lease' | 'status'> & { readonly status?: number };

export interface ServeByHttpOptions {
  /** The server's origin. */
  readonly baseUrl: string;
  /** The API key. */
  readonly token: string;
  /** The name of the service in the server's settings. */
  readonly service: string;
  /** Default: both. */
  readonly lane?: TakenRequest['lane'];
  /** Requests that are worked off at once, at most. Default 1. */
  readonly atOnce?: number;
  /**
   * Called at least once for a request, and perhaps again after a crash. A request whose handler throws is handed out again once
   * its lease has ended, half a minute later at most, three times in all.
   */
  readonly handle: (request: RequestInHand) => Promise<AnswerToRequest> | AnswerToRequest;
  /** Called with the reason where a request was not answered, for a log line. */
  readonly onError: (error: unknown, request: RequestInHand) => void;
  /** Ends the serving: the worker takes no further request, and finishes those in hand. */
  readonly signal?: AbortSignal;
}

/** Seconds that the server holds a worker's question, where no request waits. */
const WAIT_SECONDS = 30;
/** A lease lasts 30 s. */
const RENEW_EVERY_MS = 10_000;

/**
 * Takes requests and sends the answers of `handle`, until `signal` is aborted. Outages are waited for.
 *
 * @throws ProblemError where the server refuses for good, e.g. because of the key
 */
export async function serveRequests(options: ServeByHttpOptions): Promise<void> {
  const refused = new AbortController();
  const signal = AbortSignal.any([refused.signal, ...(options.signal === undefined ? [] : [options.signal])]);
  const serve = async () => {
    while (!signal.aborted) {
      const taken = await take(options, signal);
      if (taken !== null) await work(options, taken);
    }
  };
  const workers = Array.from({ length: options.atOnce ?? 1 }, () =>
    serve().catch((error: unknown) => {
      refused.abort();
      throw error;
    }),
  );
  // The requests in hand are finished before a refusal is passed on.
  await Promise.allSettled(workers);
  await Promise.all(workers);
}

async function take(options: ServeByHttpOptions, signal: AbortSignal): Promise<TakenRequest | null> {
  const { service, lane } = options;
  try {
    const body = { lane, wait: WAIT_SECONDS };
    const response = await post(options, `${encodeURIComponent(service)}/take`, body, Infinity, signal);
    return response.status === 204 ? null : ((await response.json()) as TakenRequest);
  } catch (error) {
    if (signal.aborted) return null;
    throw error;
  }
}

async function work(options: ServeByHttpOptions, taken: TakenRequest): Promise<void> {
  const { lease, leaseEndsAt: _, ...request } = taken;
  const lost = new AbortController();
  const path = `${encodeURIComponent(request.requestId)}/`;
  const renewing = setInterval(() => {
    post(options, `${path}renew`, { lease }).catch((error: ProblemError) => {
      if (!error.retriable) lost.abort(error);
    });
  }, RENEW_EVERY_MS);
  const inHand = { ...request, signal: lost.signal };
  try {
    const answer = await options.handle(inHand);
    await post(options, `${path}reply`, { status: 200, ...answer, lease }, RENEW_EVERY_MS * 2);
  } catch (error) {
    options.onError(error, inHand);
  } finally {
    clearInterval(renewing);
  }
}

function post(
  { baseUrl, token }: ServeByHttpOptions,
  path: string,
  body: object,
  patienceMs = 0,
  signal?: AbortSignal,
): Promise<Response> {
  return sendRequest(`/requests/${path}`, {
    baseUrl,
    method: 'POST',
    token: () => token,
    body,
    signal,
    again: { isWorthIt: whateverIsRetriable, patienceMs },
  });
}
