import { Redis } from 'ioredis';
import type { RedisTimes } from './connections.ts';

/** Milliseconds that a connection thrown away gets to end politely. */
const DISCONNECT_TIMEOUT_MS = 100;

/** A client that connects for ever, and keeps nothing for later. */
export function createRedisClient(url: string, times: RedisTimes): Redis {
  return new Redis(url, {
    connectTimeout: times.commandTimeoutMs,
    commandTimeout: times.commandTimeoutMs,
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
    // What is under way when the connection is lost fails then; nothing is kept for a later one.
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    retryStrategy: (attempt) =>
      Math.min(times.firstReconnectMs * 2 ** Math.min(attempt - 1, 10), times.longestReconnectMs),
  });
}
