/** Whether an import goes on: support is told since when it does not. */
import { type ImportState, sumRows } from '@tidings/contracts/imports/import.ts';

/** Whether anything is another that changes while an import does something. A heartbeat without bytes is no such thing. */
export function hasMoved(before: ImportState, next: ImportState): boolean {
  return (
    before.status !== next.status ||
    before.upload !== next.upload ||
    before.bytes !== next.bytes ||
    before.chunks.completed !== next.chunks.completed ||
    before.chunks.failed !== next.chunks.failed ||
    sumRows(before.rows) !== sumRows(next.rows) ||
    undone(before) !== undone(next)
  );
}

/** Contacts that an undo has reached; -1 before one begins. */
function undone({ undo }: ImportState): number {
  return undo === null ? -1 : undo.reversed + undo.kept + undo.failed;
}
