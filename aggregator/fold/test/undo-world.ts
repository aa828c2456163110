/**
 * The undo pages of one import in miniature: the contact store's ledger of them, an importer that does them, passes them over or dies of
 * them, and their dead letters.
 */
import type { ImportCommand } from '@tidings/contracts/imports/import-commands.ts';
import type { UndoPageWork } from '@tidings/contracts/imports/work.ts';
import type { ModelPage, UndoModel } from './undo-model.ts';

/** A random number for a choice; see `ImportWorld.step`. */
export type Choose = (below: number) => number;

export const ATTEMPTS = 3;

interface StoredPage {
  readonly reversed: number;
  readonly failed: number;
  readonly next: string | null;
}

const keyOf = ({ undoId, page }: Pick<UndoPageWork, 'undoId' | 'page'>) => `${undoId}/${page}`;

export class UndoWorld {
  /** Pages that the fold has asked for. */
  asked: UndoPageWork[] = [];
  /** Pages that were dead, and are on the log again. */
  requeued: UndoPageWork[] = [];
  readonly dead = new Map<string, UndoPageWork>();
  /** Whether the page that the undo waits for is gone. */
  hasLostPage = false;
  /** Whether pages can be taken back again. */
  isMended = false;
  readonly #attempts = new WeakMap<UndoPageWork, number>();
  readonly #ledger = new Map<string, StoredPage>();
  #uploadId = '';
  #run = 0;

  /** What all undos of the upload have reversed in the contact store. */
  get reversed(): number {
    return [...this.#ledger.values()].reduce((sum, { reversed }) => sum + reversed, 0);
  }

  /** A newer upload has the gate. */
  beginUpload(uploadId: string): void {
    this.#uploadId = uploadId;
    this.#run = 0;
    this.#ledger.clear();
  }

  lose(): void {
    this.hasLostPage ||= this.asked.shift() !== undefined;
  }

  /**
   * An importer takes one of the pages on the log. null where there is none.
   * @param dueAt when a further attempt would be due
   */
  handle(choose: Choose, dueAt: string): ImportCommand | null {
    const queue =
      this.requeued.length > 0 && (this.asked.length === 0 || choose(2) === 0) ? this.requeued : this.asked;
    const work = queue.shift();
    if (work === undefined) return null;
    const { undoId, page } = work;
    const attempt = (this.#attempts.get(work) ?? 1) + 1;
    if (attempt <= ATTEMPTS && choose(4) === 0) {
      this.#attempts.set(work, attempt);
      queue.unshift(work);
      const data = { undoId, page, attempt, attempts: ATTEMPTS, dueAt, code: 'x' };
      return { type: 'undo.page_retrying', data };
    }
    if (this.isMended || choose(4) > 0) {
      const { earlier, ...stored } = this.#store(work, choose);
      const data = { undoId, page, ...stored, kept: 0, ...(page === 0 ? { earlier } : {}) };
      return { type: 'undo.page_completed', data };
    }
    // Its processes may have ended between the store and the report.
    if (choose(2) === 0) this.#store(work, choose);
    this.dead.set(keyOf(work), work);
    return { type: 'undo.page_failed', data: { undoId, page } };
  }

  #store(work: UndoPageWork, choose: Choose): StoredPage & { earlier: { reversed: number; kept: number } } {
    const nothing = { reversed: 0, failed: 0, next: null, earlier: { reversed: 0, kept: 0 } };
    if (work.uploadId !== this.#uploadId) return nothing;
    if (work.run < this.#run) return { ...nothing, failed: 1 };
    this.#run = work.run;
    const others = [...this.#ledger].filter(([key]) => !key.startsWith(work.undoId));
    const earlier = { reversed: others.reduce((sum, [, { reversed }]) => sum + reversed, 0), kept: 0 };
    const isPassedOver = !this.isMended && choose(3) === 0;
    const counts = isPassedOver ? { reversed: 0, failed: choose(5) } : { reversed: choose(9), failed: 0 };
    const next = choose(3) > 0 ? `after ${work.page}` : null;
    const stored = this.#ledger.get(keyOf(work)) ?? { ...counts, next };
    this.#ledger.set(keyOf(work), stored);
    return { ...stored, earlier };
  }
}

/** Tells the model what a command about the undo means. */
export function tellUndo(model: UndoModel | null, { type, data }: ImportCommand): void {
  if (model === null || !('undoId' in data) || data.undoId !== model.id) return;
  if (type === 'undo.page_requeued') model.requeue(data.page);
  else if (type === 'undo.page_failed') model.report(data.page, 'dead', null);
  else if (type === 'undo.page_completed') {
    const { reversed, failed, next, earlier } = data;
    const page: ModelPage = { reversed, failed, isLast: next === null };
    model.report(data.page, page, earlier?.reversed ?? null);
  }
}
