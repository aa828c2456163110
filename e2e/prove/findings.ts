/** What must not have happened. */

export const counted = ['rows', 'contacts', 'notifications'] as const;
/** What is counted as lost or doubled. */
export type Counted = (typeof counted)[number];

export class Findings {
  readonly sentences: string[] = [];
  readonly #lost = new Map<Counted, number>();
  readonly #doubled = new Map<Counted, number>();

  get none(): boolean {
    return this.sentences.length === 0;
  }

  lost(what: Counted, count: number, sentence: string): void {
    this.#lost.set(what, this.countLost(what) + count);
    this.wrong(sentence);
  }

  doubled(what: Counted, count: number, sentence: string): void {
    this.#doubled.set(what, this.countDoubled(what) + count);
    this.wrong(sentence);
  }

  /** Something else that is neither lost nor doubled. */
  wrong(sentence: string): void {
    this.sentences.push(sentence);
  }

  countLost(what: Counted): number {
    return this.#lost.get(what) ?? 0;
  }

  countDoubled(what: Counted): number {
    return this.#doubled.get(what) ?? 0;
  }

  /** Adds those of a check. */
  add(others: Findings): void {
    for (const what of counted) {
      this.#lost.set(what, this.countLost(what) + others.countLost(what));
      this.#doubled.set(what, this.countDoubled(what) + others.countDoubled(what));
    }
    this.sentences.push(...others.sentences);
  }
}
