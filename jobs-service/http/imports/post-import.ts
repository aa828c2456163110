/** `POST /imports`: answers for an upload that was received, at once or, with `Prefer: wait=N`, once its import has ended. */
import type { AcceptedImport } from '@tidings/contracts/http.ts';
import { hasEnded } from '@tidings/contracts/imports/import.ts';
import { answerOnly } from '@tidings/service-kit/access/authenticate.ts';
import type { TokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import type { RequestHandler } from 'express';
import type { ImportReader } from '../../imports/import-reader.ts';
import type { HeldAnswers } from '../held-answers.ts';
import { RETRY_AFTER_SECONDS, sendState } from './import-answer.ts';

/** Runs after the handler that leaves an `AcceptedImport` in `response.locals.upload`. */
export function postImport(
  reader: ImportReader,
  held: HeldAnswers,
  tokens: Pick<TokenAuthority, 'verifyBearer' | 'isRevoked' | 'onRevoked'>,
): RequestHandler {
  return async (request, response) => {
    const { upload } = response.locals as { upload: AcceptedImport };
    const { importId } = upload;
    const sender = await tokens.verifyBearer(upload.channelToken);
    answerOnly(response, tokens, sender.kind === 'channel' ? sender : null);
    response.set('Location', `/imports/${importId}`);
    const found = await held.hold(request, response, (...within) => reader.findEnded(importId, ...within));
    if (found !== null && hasEnded(found.state)) return sendState(response.status(200), found.state);
    response.status(202).set('Retry-After', String(RETRY_AFTER_SECONDS)).json(upload);
  };
}
