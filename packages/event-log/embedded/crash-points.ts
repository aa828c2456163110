/**
 * The moments at which a test may kill the process, or make the engine fail by throwing.
 * `handled`, `outputs-collected`, `before-commit`, `after-commit`: of the loop of `process`.
 * `segment-written`, `segment-synced`, `before-index-write`, `after-index-write`: of each write.
 */
export const embeddedCrashPoints = [
  'handled',
  'outputs-collected',
  'before-commit',
  'after-commit',
  'segment-written',
  'segment-synced',
  'before-index-write',
  'after-index-write',
] as const;

export type EmbeddedCrashPoint = (typeof embeddedCrashPoints)[number];
export type CrashPointHook = (step: EmbeddedCrashPoint) => void;
