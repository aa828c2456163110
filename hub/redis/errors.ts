/** How a command fails: Redis is away, or refuses to do what it is there for, or holds something else than it should. */
import { Failure } from '@tidings/failures/failure.ts';

/** Redis is away, or did not answer the command in time. Whether Redis still executes the command is not known. */
export class RedisUnavailableError extends Failure<'history_unavailable'> {
  override name = 'RedisUnavailableError';

  constructor(message: string, { cause }: { cause?: unknown } = {}) {
    super('history_unavailable', message, { retriable: true, cause });
  }
}

/** Redis answers but cannot serve the hub: it is a replica now, is full, cannot write, or refuses the login. */
const outageCodes: ReadonlySet<string> = new Set([
  'BUSY',
  'CLUSTERDOWN',
  'LOADING',
  'MASTERDOWN',
  'MISCONF',
  'NOAUTH',
  'NOPERM',
  'NOREPLICAS',
  'OOM',
  'READONLY',
  'WRONGPASS',
]);

/** The error code of the hub's scripts where Redis holds another generation, or less of the log than the caller needs. */
const STALE = 'STALE';

/** Lua, in the hub's scripts: makes them fail with `STALE`. */
export const staleReply = `redis.error_reply('${STALE} Redis holds another generation, or less of the log')`;

export function isOutageReply(error: unknown): boolean {
  return outageCodes.has(replyCode(error) ?? '');
}

export function isStaleReply(error: unknown): boolean {
  return replyCode(error) === STALE;
}

/** The key holds another kind of value than the command is for. */
export function isWrongTypeReply(error: unknown): boolean {
  return replyCode(error) === 'WRONGTYPE';
}

/** Redis was sent the command and did not answer it: it may have executed it, or may still do so. */
export function isUnanswered(error: unknown): boolean {
  if (!(error instanceof RedisUnavailableError)) return false;
  return error.cause instanceof Error && error.cause.name !== 'ReplyError';
}

/** The word that an error reply begins with. Redis before 7.0 puts a sentence of its own before the error of a script. */
function replyCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || error.name !== 'ReplyError') return undefined;
  const [, code] = /^-?([A-Z]+) /.exec(error.message) ?? [];
  return code === 'ERR' ? (/ -([A-Z]+) /.exec(error.message)?.[1] ?? code) : code;
}
