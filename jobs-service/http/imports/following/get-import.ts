/** `GET /imports/{id}`: the import's state, at once or, with `Prefer: wait=N`, once it has ended. */
import { bearerOf } from '@tidings/service-kit/access/authenticate.ts';
import type { RequestHandler } from 'express';
import type { ImportReader } from '../../../imports/import-reader.ts';
import type { HeldAnswers } from '../../held-answers.ts';
import { readPermittedImport, sendState, stateFor } from '../import-answer.ts';

export function getImport(reader: ImportReader, held: HeldAnswers): RequestHandler {
  return async (request, response) => {
    const found = await readPermittedImport(reader, request, response);
    const { importId } = found.state;
    const waited = await held.hold(request, response, (...within) => reader.findEnded(importId, ...within));
    const { state, owner } = waited ?? found;
    sendState(response, stateFor(bearerOf(response), state, owner));
  };
}
