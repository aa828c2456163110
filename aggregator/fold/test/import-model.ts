/**
 * A plain model of an import: what has happened to it, and its status derived from that anew each time. It has no table of
 * states and no sums, so that it shares no mistake with the fold.
 */
import { type BucketCounts, buckets, type ImportStatus, noRows } from '@tidings/contracts/imports/import.ts';
import { UndoModel } from './undo-model.ts';

/** What is known of a chunk that never reported: `uncounted` where nobody knows its rows, so that they are in no sum. */
type Report = BucketCounts | 'failed' | 'lost' | 'uncounted';

export class ImportModel {
  readonly autoUndo: boolean;
  uploadEnd: 'sealed' | 'aborted' | null = null;
  /** Chunks on the log, by number, with their rows. */
  readonly rowsOf = new Map<number, number>();
  /** The newest report of each chunk. */
  readonly reports = new Map<number, Report>();
  /** Chunks whose rows were in the sums before they were requeued. */
  readonly #takenBack = new Set<number>();
  undo: UndoModel | null = null;
  /** Whether somebody has counted the rows: the receiver, or an end of the import. */
  #knowsRows = false;
  #begun = false;
  #cancelled = false;

  constructor(autoUndo: boolean) {
    this.autoUndo = autoUndo;
  }

  get hasEnded(): boolean {
    const isUndoing = this.undo?.by === 'owner' && this.undo.isRunning;
    return this.uploadEnd !== null && this.reports.size === this.rowsOf.size && !isUndoing;
  }

  get status(): ImportStatus {
    if (this.undo?.by === 'owner') return this.hasEnded ? 'undone' : 'undoing';
    if (this.#cancelled) return this.hasEnded ? 'cancelled' : 'cancelling';
    if (!this.hasEnded) return this.#begun ? 'importing' : 'accepted';
    if (this.uploadEnd === 'aborted') return 'failed';
    const { rejected, failed } = this.totals;
    return rejected > 0 || failed > 0 ? 'completed_with_errors' : 'completed';
  }

  get totals(): BucketCounts {
    const totals = noRows();
    for (const [chunk, report] of this.reports) {
      if (report === 'uncounted') continue;
      const rows = this.rowsOf.get(chunk) ?? 0;
      const delta = typeof report === 'string' ? { ...noRows(), failed: rows } : report;
      for (const bucket of buckets) totals[bucket] += delta[bucket];
    }
    return totals;
  }

  get total(): number {
    return [...this.rowsOf].reduce(
      (sum, [chunk, rows]) => sum + (this.reports.get(chunk) === 'uncounted' ? 0 : rows),
      0,
    );
  }

  cancel(): void {
    if (this.status === 'accepted' || this.status === 'importing') this.#cancelled = true;
  }

  /** @param again the last undo, as whoever asks knows it */
  askUndo(again: string | null): void {
    const { undo } = this;
    if (!this.hasEnded || again !== (undo?.id ?? null)) return;
    if (undo === null || (!undo.isRunning && undo.failed > 0))
      this.undo = new UndoModel('owner', undo?.reversed ?? 0);
  }

  /** @param knowsRows whether whoever ends it has counted the rows */
  endUpload(end: 'sealed' | 'aborted', knowsRows: boolean): void {
    this.uploadEnd ??= end;
    this.#knowsRows = knowsRows;
    this.#goOn();
  }

  retry(chunk: number): void {
    if (!this.reports.has(chunk)) this.#begun = true;
  }

  report(chunk: number, report: BucketCounts | 'failed'): void {
    const known = this.reports.get(chunk);
    if (known !== undefined && (typeof known === 'object' || report === 'failed')) return;
    this.requeue(chunk);
    this.#begun = true;
    this.reports.set(chunk, report);
    this.#takenBack.delete(chunk);
    this.#goOn();
  }

  requeue(chunk: number): void {
    const known = this.reports.get(chunk);
    if (typeof known !== 'string') return;
    this.reports.delete(chunk);
    if (known === 'uncounted') this.#knowsRows = false;
    else this.#takenBack.add(chunk);
  }

  /** Every chunk that has not reported is gone. */
  lose(): void {
    for (const chunk of this.rowsOf.keys()) {
      const isCounted = this.#knowsRows || this.#takenBack.has(chunk);
      if (!this.reports.has(chunk)) this.reports.set(chunk, isCounted ? 'lost' : 'uncounted');
    }
    this.#takenBack.clear();
    this.#begun = true;
    this.#goOn();
  }

  /** Every chunk that has not reported will not run. */
  stop(): void {
    if (this.status !== 'cancelling' || this.uploadEnd === null || !this.#knowsRows) return;
    for (const [chunk, rows] of this.rowsOf)
      if (!this.reports.has(chunk)) this.reports.set(chunk, { ...noRows(), cancelled: rows });
    this.#takenBack.clear();
    this.#goOn();
  }

  #goOn(): void {
    if (this.hasEnded) this.#knowsRows = true;
    if (this.autoUndo && this.undo === null && this.status === 'failed') {
      this.undo = new UndoModel('itself', 0);
    }
  }
}
