/** `POST /imports/{id}/undo`: what the import has changed is taken back, contact by contact, where nobody has edited it since. */

import type { FoldedImport } from '@tidings/contracts/imports/folded-import.ts';
import { type ImportState, isAtRest, mayBeUndone } from '@tidings/contracts/imports/import.ts';
import type { OrderGiver } from '@tidings/service-kit/access/order-giver.ts';
import type { RequestHandler } from 'express';
import { endOfCommands } from '../../../imports/newest-import.ts';
import { giverOf } from '../../order-giver.ts';
import { readPermittedImport } from '../import-answer.ts';
import {
  type CommandParts,
  commandImport,
  refuseWhenOld,
  sendAccepted,
  sendAndWait,
  stateConflict,
} from '../import-command.ts';

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
    const permitted = await readPermittedImport(parts.reader, request, response);
    const { importId } = permitted.state;
    const asOf = await endOfCommands(parts.log, importId);
    const folded = (await parts.reader.newest(importId)) ?? permitted;
    const { state } = folded;
    if (isUndone(state)) return sendAccepted(response, state);
    if (state.dryRun) throw stateConflict(state, 'It was a dry run, and has changed nothing.');
    if (!mayBeUndone(state)) throw stateConflict(state, 'Cancel it first, or wait until it has ended.');
    refuseWhenOld(state, parts.retentionDays);
    // The undo may have ended by then.
    const hasBegun = (now: ImportState) => now.undo !== null && now.undo.endedAt !== state.undo?.endedAt;
    const first = await commandImport(parts, folded, giver, undoCommand(giver, folded, asOf), hasBegun);
    if (hasBegun(first) || !isAtRest(first)) return sendAccepted(response, first);
    // The import may have gone on and be forgotten again: then the state that was carried did not count.
    const since = await endOfCommands(parts.log, importId);
    const now = (await parts.reader.newest(importId)) ?? folded;
    sendAccepted(response, await sendAndWait(parts, now, undoCommand(giver, now, since), hasBegun));
  };
}

/** The log may forget the import before the command is folded: then the command carries the state back. */
function undoCommand({ who: by }: OrderGiver, folded: FoldedImport, asOf: number) {
  return {
    type: 'import.undo',
    data: { by, folded, asOf, again: folded.undo?.undoId ?? null },
  } as const;
}
