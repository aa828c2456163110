/** `GET /imports`: the owner's imports, newest first; for support those of all owners, or of the one that it names. */
import { listImportsQuerySchema } from '@tidings/contracts/schemas/http.ts';
import { bearerOf } from '@tidings/service-kit/access/authenticate.ts';
import { parse } from '@tidings/service-kit/http/parse.ts';
import type { RequestHandler } from 'express';
import type { ImportReader } from '../../imports/import-reader.ts';
import { stateFor } from './import-answer.ts';

export function listImports(reader: ImportReader): RequestHandler {
  return async (request, response) => {
    const query = parse(listImportsQuerySchema, request.query);
    const bearer = bearerOf(response);
    const owner = bearer.kind === 'support' ? query.owner : bearer.owner;
    const { items, owners, nextCursor } = await reader.list({ ...query, owner });
    const shown = items.map((state) => stateFor(bearer, state, owners.get(state.importId)));
    response.json({ items: shown, nextCursor });
  };
}
