/**
 * The moments at which a test may kill the process.
 * `handled`, `outputs-collected`, `before-transaction`, `sent`, `offsets-sent`, `after-commit`: of the loop of `process`.
 * `before-produce`, `after-produce`: of each request that appends.
 */
export const kafkaCrashPoints = [
  'handled',
  'outputs-collected',
  'before-transaction',
  'sent',
  'offsets-sent',
  'after-commit',
  'before-produce',
  'after-produce',
] as const;

export type KafkaCrashPoint = (typeof kafkaCrashPoints)[number];
export type CrashPointHook = (step: KafkaCrashPoint) => void;
