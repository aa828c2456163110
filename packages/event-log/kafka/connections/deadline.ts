import { Failure } from '@tidings/failures/failure.ts';

/** Something took longer than its deadline allows. Never leaves the engine. */
export class DeadlineError extends Failure<'deadline_passed'> {
  override readonly name = 'DeadlineError';

  constructor(what: string, timeoutMs: number) {
    super('deadline_passed', `${what} took longer than ${Math.round(timeoutMs)} ms.`, { retriable: true });
  }
}

/** Rejects with DeadlineError after the time (milliseconds); what the work results in later is ignored. */
export async function withDeadline<Result>(
  what: string,
  timeoutMs: number,
  work: Promise<Result>,
): Promise<Result> {
  // A caller whose time is over gives a negative one, of which Node 24 warns.
  const leftMs = Math.max(1, Math.round(timeoutMs));
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new DeadlineError(what, leftMs)), leftMs);
  });
  // Nobody waits for the work any more once the deadline has passed.
  work.catch(() => undefined);
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
