/**
 * The moments at which a test may kill the process.
 * `handled`, `outputs-collected`, `before-transaction`, `sent`, `offsets-sent`, `after-commit`: of the loop of `process`.
 * `before-produce`, `after-produce`: of each request that appends.
 */
export const kafkaSteps = [
  'handled',
  'outputs-collected',
  'before-transaction',
  'sent',
  'offsets-sent',
  'after-commit',
  'before-produce',
  'after-produce',
] as const;

export type KafkaStep = (typeof kafkaSteps)[number];
export type StepHook = (step: KafkaStep) => void;
