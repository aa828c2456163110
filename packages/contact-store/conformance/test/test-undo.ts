/** For tests: takes an import back, all pages one after another. */
import type { ContactStore } from '../../contact-store.ts';
import { newId, type TestImport } from './test-imports.ts';

export interface UndoTotals {
  reversed: number;
  kept: number;
  failed: number;
}

/** @param undo which undo of the upload it is */
export async function undoWhole(store: ContactStore, run: TestImport, undo = 1): Promise<UndoTotals> {
  const undoId = newId();
  const totals: UndoTotals = { reversed: 0, kept: 0, failed: 0 };
  let after: string | null = null;
  let page = 0;
  do {
    const done = await store.undoPage({ ...run, undoId, run: undo, page, after });
    totals.reversed += done.reversed;
    totals.kept += done.kept;
    totals.failed += done.failed;
    after = done.next;
    page += 1;
  } while (after !== null);
  return totals;
}
