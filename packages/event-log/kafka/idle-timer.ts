/**
 * Repairs kafkajs 2.2.4: after the first answer on a connection, its request queue sets a timer of at most one
 * millisecond again and again to check waiting requests, also while none wait. Each connection costs 2 % of a processor that way, and
 * Node 24 warns of every negative time. The repair sets the timer only while requests wait.
 */
import { createRequire } from 'node:module';

interface RequestQueue {
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}

const queueClass: { readonly prototype: RequestQueue } = createRequire(import.meta.url)(
  'kafkajs/src/network/requestQueue/index.js',
);
const { prototype } = queueClass;
const original = prototype.scheduleCheckPendingRequests;

prototype.scheduleCheckPendingRequests = function scheduleIfWaiting(this: RequestQueue): void {
  if (this.pending.length > 0) original.call(this);
};
