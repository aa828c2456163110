/** `GET /imports/{id}`: the import's state, at once or, with `Prefer: wait=N`, once it has ended. */
import { preferredWait } from '@tidings/service-kit/access/authenticate.ts';
import type { RequestHandler } from 'express';
import type { ImportReader } from '../imports/import-reader.ts';
import { readPermittedImport, sendState } from './import-answer.ts';

export function getImport(reader: ImportReader): RequestHandler {
  return async (request, response) => {
    const found = await readPermittedImport(reader, request, response);
    const seconds = preferredWait(request);
    if (seconds === 0) return sendState(response, found.state);
    response.set('Preference-Applied', `wait=${seconds}`);
    const waited = await reader.findEnded(found.state.importId, seconds * 1000);
    sendState(response, (waited ?? found).state);
  };
}
