/**
 * A repair of kafkajs 2.2.4: once a connection has had its first answer, its request queue sets a timer of (less than) one
 * millisecond again and again, for requests that wait although none do. Each connection costs 2 % of a processor that way, and
 * Node 24 warns of every negative time. Without waiting requests there is nothing to look after.
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
