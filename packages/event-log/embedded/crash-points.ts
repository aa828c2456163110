import { processCrashPoints } from '../engine/crash-points.ts';

/** The moments of `process` and of each write at which a test may kill the process, or throw to make the engine fail. */
export const embeddedCrashPoints = [
  ...processCrashPoints,
  'segment-written',
  'segment-synced',
  'before-index-write',
  'after-index-write',
] as const;

export type EmbeddedCrashPoint = (typeof embeddedCrashPoints)[number];
