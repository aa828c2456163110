/** It took longer than it may. Stays inside. */
export class DeadlineError extends Error {
  readonly code = 'deadline_passed';
  readonly retriable = true;

  constructor(what: string, timeoutMs: number) {
    super(`${what} took longer than ${timeoutMs} ms.`);
    this.name = 'DeadlineError';
  }
}

/** Rejects with DeadlineError after the time (milliseconds); what the work then comes to is ignored. */
export async function withDeadline<Result>(
  what: string,
  timeoutMs: number,
  work: Promise<Result>,
): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new DeadlineError(what, timeoutMs)), timeoutMs);
  });
  // Whichever comes second has nobody to wait for it.
  work.catch(() => undefined);
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
