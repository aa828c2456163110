/**
 * The moments at which a test may kill the process, or make the engine fail by throwing.
 * `handled`, `outputs-collected`, `before-commit`, `after-commit`: of the loop of `process`.
 * `segment-written`, `segment-synced`, `before-batch`, `after-batch`: of each write.
 */
export const embeddedSteps = [
  'handled',
  'outputs-collected',
  'before-commit',
  'after-commit',
  'segment-written',
  'segment-synced',
  'before-batch',
  'after-batch',
] as const;

export type EmbeddedStep = (typeof embeddedSteps)[number];
export type StepHook = (step: EmbeddedStep) => void;
