/** Asks an engine how things stand, and says that it is away where it does not answer in time. */

export interface ProbeTimes {
  /** Milliseconds for which an answer counts as new. */
  readonly freshMs: number;
  /** Milliseconds that whoever asks waits for a new answer; after them the last answer counts. */
  readonly waitMs: number;
  /** Milliseconds without an answer after which the engine is away. An engine that is busy takes its time. */
  readonly patienceMs: number;
}

const PROBE_TIMES: ProbeTimes = { freshMs: 1_000, waitMs: 500, patienceMs: 3_000 };

/** At most one question is under way, however many ask. */
export class Probe<Answer> {
  readonly #ask: () => Promise<Answer>;
  readonly #times: ProbeTimes;
  #last: { readonly answer: Answer | null; readonly askedAt: number; readonly at: number } | null = null;
  #pending: { readonly answer: Promise<Answer | null>; readonly since: number } | null = null;

  constructor(ask: () => Promise<Answer>, times: ProbeTimes = PROBE_TIMES) {
    this.#ask = ask;
    this.#times = times;
  }

  /**
   * The engine's last answer; null where it is away, or has not answered in time what was asked since then. Never rejects.
   * @param since by `performance.now()`; default: any answer counts
   */
  async read(since = Number.NEGATIVE_INFINITY): Promise<Answer | null> {
    const answer = await this.#newest();
    return this.#last !== null && this.#last.askedAt >= since ? answer : null;
  }

  async #newest(): Promise<Answer | null> {
    const { freshMs, waitMs, patienceMs } = this.#times;
    const now = performance.now();
    if (this.#last !== null && now - this.#last.at < freshMs) return this.#last.answer;
    this.#pending ??= { answer: this.#question(), since: now };
    const { answer, since } = this.#pending;
    const untilAwayMs = since + patienceMs - now;
    if (untilAwayMs <= 0) return null;
    // Before the first answer there is none to fall back on.
    if (this.#last === null || untilAwayMs <= waitMs) return within(answer, untilAwayMs, null);
    return within(answer, waitMs, this.#last.answer);
  }

  async #question(): Promise<Answer | null> {
    const askedAt = performance.now();
    const answer = await this.#ask().catch(() => null);
    this.#last = { answer, askedAt, at: performance.now() };
    this.#pending = null;
    return answer;
  }
}

/** Resolves with the answer, or after the time with something else. */
async function within<Answer>(
  answer: Promise<Answer>,
  milliseconds: number,
  otherwise: Answer,
): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Answer>((resolve) => {
    timer = setTimeout(() => resolve(otherwise), milliseconds);
  });
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
