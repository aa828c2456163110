/**
 * `POST /imports/{id}/rejected/ignore`: what is left of the rejected rows is not to be mended, so that the import leaves the list of what
 * needs somebody. `DELETE` takes that back. Both may be repeated; neither changes a row. Who follows the import is told of each change,
 * and support. Where the service stops before it has noted that, the next request tells it, perhaps again.
 */
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import { hasEnded } from '@tidings/contracts/imports/import.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import type { RequestHandler } from 'express';
import type { ImportReader } from '../../../imports/import-reader.ts';
import { tellRestIgnored } from '../../../to-log.ts';
import { ownerOfBearer } from '../../owner-of-bearer.ts';
import { readPermittedImport, sendState } from '../import-answer.ts';
import { stateConflict } from '../import-command.ts';

interface IgnoreParts {
  readonly log: Pick<EventLog, 'append'>;
  readonly reader: ImportReader;
  readonly contactStore: Pick<ContactStore, 'ignoreRest' | 'noteRestTold'>;
}

/** @param isIgnored whether the rows are ignored from now on */
export function ignoreRejected(
  { log, reader, contactStore }: IgnoreParts,
  isIgnored: boolean,
): RequestHandler {
  return async (request, response) => {
    ownerOfBearer(response);
    const folded = await readPermittedImport(reader, request, response);
    const { state } = folded;
    if (!hasEnded(state)) throw stateConflict(state, 'Its rejected rows are known when it has ended.');
    const kept = state.rows.rejected === 0 ? null : await contactStore.ignoreRest(state.importId, isIgnored);
    if (kept === null) throw stateConflict(state, 'It keeps no rejected rows.');
    const { changes, isTold } = kept;
    if (!isTold) {
      await tellRestIgnored(log, folded, { isIgnored, changes });
      await contactStore.noteRestTold(state.importId, changes);
    }
    sendState(response, { ...state, restIgnored: isIgnored, restChanges: changes });
  };
}
