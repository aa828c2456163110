/** `POST /imports/{id}/cancel`: what has not run of the import will not run. */
import type { ImportState } from '@tidings/contracts/imports/import.ts';
import type { RequestHandler } from 'express';
import { giverOf } from '../../order-giver.ts';
import { readPermittedImport } from '../import-answer.ts';
import { type CommandParts, commandImport, sendAccepted, stateConflict } from '../import-command.ts';

const isRunning = ({ status }: ImportState): boolean => status === 'accepted' || status === 'importing';
/** Then a repeat of the request is answered as the first one was. */
const isCancelled = ({ status }: ImportState): boolean => status === 'cancelling' || status === 'cancelled';

export function cancelImport(parts: CommandParts): RequestHandler {
  return async (request, response) => {
    const giver = giverOf(request, response, 'cancel of the import');
    const folded = await readPermittedImport(parts.reader, request, response);
    const { state } = folded;
    if (isCancelled(state)) return sendAccepted(response, state);
    if (!isRunning(state)) throw tooLate(state);
    const command = { type: 'import.cancel', data: { by: giver.who } } as const;
    const next = await commandImport(parts, folded, giver, command, (now) => !isRunning(now));
    // The import may have ended a moment before the command.
    if (!isRunning(next) && !isCancelled(next)) throw tooLate(next);
    sendAccepted(response, next);
  };
}

function tooLate(state: ImportState) {
  const isUndone = state.status === 'undoing' || state.status === 'undone';
  return stateConflict(state, isUndone ? 'Nothing of it runs.' : 'It can be taken back: POST …/undo.');
}
