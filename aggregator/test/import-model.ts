/**
 * A plain model of an import: what has happened to it, and its status derived from that anew each time. It has no table of
 * states and no sums, so that it shares no mistake with the fold.
 */
import { type BucketCounts, buckets, type ImportStatus, noRows } from '@tidings/contracts/import.ts';

export class ImportModel {
  readonly autoUndo: boolean;
  uploadEnd: 'sealed' | 'aborted' | null = null;
  /** Chunks on the log, by number, with their rows. */
  readonly rowsOf = new Map<number, number>();
  /** The newest report of each chunk. */
  readonly reports = new Map<number, BucketCounts | 'failed'>();
  undo: { readonly by: 'owner' | 'itself'; isRunning: boolean } | null = null;
  reversed = 0;
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
      const delta = report === 'failed' ? { ...noRows(), failed: this.rowsOf.get(chunk) ?? 0 } : report;
      for (const bucket of buckets) totals[bucket] += delta[bucket];
    }
    return totals;
  }

  get total(): number {
    return [...this.rowsOf.values()].reduce((sum, rows) => sum + rows, 0);
  }

  cancel(): void {
    if (this.status === 'accepted' || this.status === 'importing') this.#cancelled = true;
  }

  askUndo(): void {
    if (this.undo === null && this.hasEnded) this.undo = { by: 'owner', isRunning: true };
  }

  endUpload(end: 'sealed' | 'aborted'): void {
    this.uploadEnd ??= end;
    this.#undoByItself();
  }

  retry(chunk: number): void {
    if (!this.reports.has(chunk)) this.#begun = true;
  }

  report(chunk: number, report: BucketCounts | 'failed'): void {
    const known = this.reports.get(chunk);
    if (known !== undefined && (known !== 'failed' || report === 'failed')) return;
    this.#begun = true;
    this.reports.set(chunk, report);
    this.#undoByItself();
  }

  requeue(chunk: number): void {
    if (this.reports.get(chunk) === 'failed') this.reports.delete(chunk);
  }

  #undoByItself(): void {
    if (this.autoUndo && this.undo === null && this.status === 'failed') {
      this.undo = { by: 'itself', isRunning: true };
    }
  }
}
