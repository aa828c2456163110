/**
 * Repairs kafkajs 2.2.4, whose connections wake an idle process over and over:
 * - After the first answer, a request queue sets a timer of at most one millisecond again and again to check waiting requests, also while
 *   none wait. That costs 2 % of a processor, and Node 24 warns of every negative time. The repair sets it only while requests wait.
 * - A request queue looks ten times a second for requests that have timed out. The repair looks when the first of them can have.
 */
import { createRequire } from 'node:module';

interface SentRequest {
  /** Date.now() when it was sent. */
  readonly sentAt: number;
  /** Milliseconds: `requestTimeout` of its queue, or more. */
  readonly requestTimeout: number;
  timeoutRequest(): void;
}

interface RequestQueue {
  readonly pending: readonly unknown[];
  readonly inflight: ReadonlyMap<number, SentRequest>;
  readonly enforceRequestTimeout: boolean;
  readonly requestTimeout: number;
  /** Cleared by `destroy`. */
  requestTimeoutIntervalId?: NodeJS.Timeout;
  isConnected(): boolean;
  destroy(): void;
  scheduleCheckPendingRequests(): void;
  scheduleRequestTimeoutCheck(): void;
}

const queueClass: { readonly prototype: RequestQueue } = createRequire(import.meta.url)(
  'kafkajs/src/network/requestQueue/index.js',
);
const { prototype } = queueClass;
const scheduleCheckPendingRequests = prototype.scheduleCheckPendingRequests;

prototype.scheduleCheckPendingRequests = function scheduleIfWaiting(this: RequestQueue): void {
  if (this.pending.length > 0) scheduleCheckPendingRequests.call(this);
};

prototype.scheduleRequestTimeoutCheck = function scheduleFirstCheck(this: RequestQueue): void {
  if (!this.enforceRequestTimeout) return;
  this.destroy();
  checkAfter(this, this.requestTimeout);
};

function checkAfter(queue: RequestQueue, ms: number): void {
  // A process need not wait for it: while a request is on its way, the socket keeps the process.
  queue.requestTimeoutIntervalId = setTimeout(() => endLateRequests(queue), ms).unref();
}

function endLateRequests(queue: RequestQueue): void {
  const now = Date.now();
  // A request that is sent from now on may take at least as long.
  let nextMs = queue.requestTimeout;
  for (const request of [...queue.inflight.values()]) {
    const leftMs = request.sentAt + request.requestTimeout - now;
    if (leftMs < 0) request.timeoutRequest();
    else nextMs = Math.min(nextMs, leftMs + 1);
  }
  if (queue.isConnected()) checkAfter(queue, nextMs);
}
