/** `POST /imports/{id}/retry`: the owner has everything worked off again that has failed. */
import type { FoldedImport } from '@tidings/contracts/imports/folded-import.ts';
import type { ImportStatus } from '@tidings/contracts/imports/import.ts';
import type { RequestHandler } from 'express';
import { giverOf } from '../../order-giver.ts';
import { readPermittedImport } from '../import-answer.ts';
import { type ChunkOrderParts, refuseWhenOld, sendAccepted, stateConflict } from '../import-command.ts';

/** Milliseconds to wait until the import goes on. The answer then tells the import as it is. */
const FOLD_WAIT_MS = 2_000;
/** Statuses in which the contact store takes no row of the import any more. */
const closed: ReadonlySet<ImportStatus> = new Set(['cancelling', 'cancelled', 'undoing', 'undone']);

export function retryImport({ orders, reader, retentionDays }: ChunkOrderParts): RequestHandler {
  return async (request, response) => {
    const giver = giverOf(request, response, 'retry of the import');
    const { state, uploadId, undo } = await readPermittedImport(reader, request, response);
    if (closed.has(state.status) || undo !== null)
      throw stateConflict(state, 'Nothing of it is worked off any more.');
    refuseWhenOld(state, retentionDays);
    const dead = [...(await orders.deadChunks(state.importId, uploadId)).values()];
    if (dead.length === 0) throw stateConflict(state, 'Nothing of it has failed that can be tried again.');
    await orders.orderLetters('requeue', dead, giver);
    const goesOn = (folded: FoldedImport | undefined) => (folded?.state.version ?? -1) > state.version;
    const next = await reader.findOnce(state.importId, goesOn, FOLD_WAIT_MS);
    sendAccepted(response, next?.state ?? state);
  };
}
