/** Redis answers, and does not do what it is there for: it is a replica now, is full, cannot write, or does not let us in. */
const outages: ReadonlySet<string> = new Set([
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

/** What our scripts answer where Redis holds another generation, or less of the log than it did. */
const STALE = 'STALE';

export const staleReply = `redis.error_reply('${STALE} what Redis holds of the log is not what it was')`;

export function isOutageReply(error: unknown): boolean {
  return outages.has(codeOf(error) ?? '');
}

export function isStaleReply(error: unknown): boolean {
  return codeOf(error) === STALE;
}

/** The word that an error reply begins with; of an error inside of a script, older servers put their own words before it. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || error.name !== 'ReplyError') return undefined;
  const [, code] = /^-?([A-Z]+) /.exec(error.message) ?? [];
  return code === 'ERR' ? (/ -([A-Z]+) /.exec(error.message)?.[1] ?? code) : code;
}
