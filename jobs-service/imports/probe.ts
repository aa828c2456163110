/** Asks an engine how things stand, and says that it is away where it does not answer in time. */

export interface ProbeTimes {
  /** Milliseconds for which an answer counts. */
  readonly freshMs: number;
  /** Milliseconds after which an engine that has not answered is away. */
  readonly patienceMs: number;
}

const PROBE_TIMES: ProbeTimes = { freshMs: 1_000, patienceMs: 1_000 };

/** At most one question is under way, however many ask. */
export class Probe<Answer> {
  readonly #ask: () => Promise<Answer>;
  readonly #times: ProbeTimes;
  #last: { readonly answer: Answer | null; readonly at: number } | null = null;
  #pending: { readonly answer: Promise<Answer | null>; readonly since: number } | null = null;

  constructor(ask: () => Promise<Answer>, times: ProbeTimes = PROBE_TIMES) {
    this.#ask = ask;
    this.#times = times;
  }

  /** The engine's answer, a second old at most; null where it is away. Never rejects. */
  async read(): Promise<Answer | null> {
    const { freshMs, patienceMs } = this.#times;
    const now = performance.now();
    if (this.#last !== null && now - this.#last.at < freshMs) return this.#last.answer;
    this.#pending ??= { answer: this.#question(), since: now };
    const restMs = patienceMs - (now - this.#pending.since);
    return restMs <= 0 ? null : withinTime(this.#pending.answer, restMs);
  }

  async #question(): Promise<Answer | null> {
    const answer = await this.#ask().catch(() => null);
    this.#last = { answer, at: performance.now() };
    this.#pending = null;
    return answer;
  }
}

async function withinTime<Answer>(
  answer: Promise<Answer | null>,
  milliseconds: number,
): Promise<Answer | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), milliseconds);
  });
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
