/** `POST /imports`: answers for an upload that was received, at once or, with `Prefer: wait=N`, once its import has ended. */
import type { AcceptedImport } from '@tidings/contracts/files/upload.ts';
import { hasEnded } from '@tidings/contracts/imports/import.ts';
import type { RequestHandler } from 'express';
import type { ImportReader } from '../../../imports/import-reader.ts';
import type { HeldAnswers } from '../../held-answers.ts';
import { RETRY_AFTER_SECONDS, sendState } from '../import-answer.ts';

/** Runs after the handler that leaves an `AcceptedImport` in `response.locals.upload`, and has called `answerOnly`. */
export function postImport(reader: ImportReader, held: HeldAnswers): RequestHandler {
  return async (request, response) => {
    const { upload } = response.locals as { upload: AcceptedImport };
    const { importId } = upload;
    response.set('Location', `/imports/${importId}`);
    const found = await held.hold(request, response, (...within) => reader.findEnded(importId, ...within));
    if (found !== null && hasEnded(found.state)) return sendState(response.status(200), found.state);
    response.status(202).set('Retry-After', String(RETRY_AFTER_SECONDS)).json(upload);
  };
}
