import { processCrashPoints } from '../../engine/crash-points.ts';

/**
 * The moments at which a test may kill the process: those of `process`, `outputs-sent` and `offsets-sent` within its transaction, and those
 * around each produce request of an append.
 */
export const kafkaCrashPoints = [
  ...processCrashPoints,
  'outputs-sent',
  'offsets-sent',
  'before-produce',
  'after-produce',
] as const;

export type KafkaCrashPoint = (typeof kafkaCrashPoints)[number];
