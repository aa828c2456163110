import { pauseAfter } from '@tidings/failures/retry.ts';
import { Redis } from 'ioredis';

export interface RedisClientTimes {
  /** Milliseconds until a command without an answer fails. */
  readonly commandTimeoutMs: number;
  /** Milliseconds to the next attempt to connect, at first; doubled up to the longest. */
  readonly firstReconnectMs: number;
  readonly longestReconnectMs: number;
}

/** Milliseconds that a connection gets to end by a closing handshake. */
const DISCONNECT_TIMEOUT_MS = 100;

/** A client that goes on connecting for ever, and queues no command while it is not connected. */
export function createRedisClient(url: string, times: RedisClientTimes): Redis {
  return new Redis(url, {
    connectTimeout: times.commandTimeoutMs,
    commandTimeout: times.commandTimeoutMs,
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
    // A command whose connection is lost fails at once: it is neither repeated nor kept for the next connection.
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    retryStrategy: (attempt) =>
      pauseAfter(attempt, { firstMs: times.firstReconnectMs, longestMs: times.longestReconnectMs }),
  });
}
