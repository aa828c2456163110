/** `POST /imports/{id}/undo`: what the import has changed is taken back, contact by contact, where nobody has edited it since. */
import { type ImportState, mayBeUndone } from '@tidings/contracts/import.ts';
import type { RequestHandler } from 'express';
import { giverOf } from '../support/support-request.ts';
import { readPermittedImport } from './import-answer.ts';
import {
  type CommandParts,
  commandImport,
  refuseWhenOld,
  sendAccepted,
  stateConflict,
} from './import-command.ts';

/** Then a repeat of the request is answered as the first one was; so is a request for an import that takes itself back. */
const isUndone = ({ undo }: ImportState): boolean =>
  undo !== null && (undo.endedAt === null || undo.failed === 0);

export interface UndoParts extends CommandParts {
  /** Days for which an ended import can be undone. */
  readonly retentionDays: number;
}

export function undoImport(parts: UndoParts): RequestHandler {
  return async (request, response) => {
    const giver = giverOf(request, response, 'undo of the import');
    const folded = await readPermittedImport(parts.reader, request, response);
    const { state, undo } = folded;
    if (isUndone(state)) return sendAccepted(response, state);
    if (!mayBeUndone(state)) throw stateConflict(state, 'Cancel it first, or wait until it has ended.');
    refuseWhenOld(state, parts.retentionDays);
    // The log may forget the import before the command is folded: then the command carries the state back.
    const data = { by: giver.who, folded, again: undo?.undoId ?? null };
    const command = { type: 'import.undo', data } as const;
    // The undo may have ended by then.
    const hasBegun = (now: ImportState) => now.undo !== null && now.undo.endedAt !== state.undo?.endedAt;
    sendAccepted(response, await commandImport(parts, folded, giver, command, hasBegun));
  };
}
