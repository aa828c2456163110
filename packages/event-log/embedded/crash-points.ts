import { processCrashPoints } from '../engine/crash-points.ts';

/** The moments at which a test may kill the process, or make the engine fail by throwing: those of `process`, and those of each write. */
export const embeddedCrashPoints = [
  ...processCrashPoints,
  'segment-written',
  'segment-synced',
  'before-index-write',
  'after-index-write',
] as const;

export type EmbeddedCrashPoint = (typeof embeddedCrashPoints)[number];
export type CrashPointHook = (point: EmbeddedCrashPoint) => void;
