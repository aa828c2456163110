/**
 * `POST /imports/{id}/rejected/ignore`: what is left of the rejected rows is not to be mended, so that the import leaves the list of what
 * needs somebody. `DELETE` takes that back. Both may be repeated; neither changes a row.
 */
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import { hasEnded } from '@tidings/contracts/import.ts';
import type { RequestHandler } from 'express';
import type { ImportReader } from '../../imports/import-reader.ts';
import { ownerOfBearer } from '../owner-of-bearer.ts';
import { readPermittedImport, sendState } from './import-answer.ts';
import { stateConflict } from './import-command.ts';

interface IgnoreParts {
  readonly reader: ImportReader;
  readonly contactStore: Pick<ContactStore, 'ignoreRest'>;
}

/** @param isIgnored whether the rows are ignored from now on */
export function ignoreRejected({ reader, contactStore }: IgnoreParts, isIgnored: boolean): RequestHandler {
  return async (request, response) => {
    ownerOfBearer(response);
    const { state } = await readPermittedImport(reader, request, response);
    if (!hasEnded(state)) throw stateConflict(state, 'Its rejected rows are known when it has ended.');
    if (state.rows.rejected === 0 || !(await contactStore.ignoreRest(state.importId, isIgnored)))
      throw stateConflict(state, 'It keeps no rejected rows.');
    sendState(response, { ...state, restIgnored: isIgnored || undefined });
  };
}
