/** A plain model of the undos of one upload: what was reported of each page, and all else derived from that. */

/** What is told of a page that is done, or passed over. */
export interface ModelPage {
  readonly reversed: number;
  readonly failed: number;
  readonly isLast: boolean;
}

export class UndoModel {
  /** As the fold has named it. */
  id: string | null = null;
  by: 'owner' | 'itself';
  /** What the undos before this one have done. */
  #earlier: number;
  readonly #reports = new Map<number, ModelPage | 'dead'>();

  constructor(by: 'owner' | 'itself', earlier: number) {
    this.by = by;
    this.#earlier = earlier;
  }

  get #pages(): readonly ModelPage[] {
    return [...this.#reports.values()].filter((report) => report !== 'dead');
  }

  get #dead(): number {
    return this.#reports.size - this.#pages.length;
  }

  get isRunning(): boolean {
    return this.#dead === 0 && !this.#pages.some(({ isLast }) => isLast);
  }

  get reversed(): number {
    return this.#pages.reduce((sum, { reversed }) => sum + reversed, this.#earlier);
  }

  get failed(): number {
    return this.#pages.reduce((sum, { failed }) => sum + failed, this.#dead);
  }

  /** @param earlier what the contact store says of other undos, with the first page */
  report(page: number, report: ModelPage | 'dead', earlier: number | null): void {
    const known = this.#reports.get(page);
    if (known !== undefined && (known !== 'dead' || report === 'dead')) return;
    this.#reports.set(page, report);
    if (earlier !== null) this.#earlier = earlier;
  }

  requeue(page: number): void {
    if (this.#reports.get(page) === 'dead') this.#reports.delete(page);
  }
}
