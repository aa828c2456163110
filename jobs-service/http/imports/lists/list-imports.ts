/** `GET /imports`: the owner's imports, newest first; for support those of all owners, or of the one that it names. */
import { listImportsQuerySchema } from '@tidings/contracts/schemas/imports/import.ts';
import { bearerOf } from '@tidings/service-kit/access/authenticate.ts';
import { readsQuery } from '@tidings/service-kit/http/query.ts';
import type { RequestHandler } from 'express';
import type { ImportReader } from '../../../imports/import-reader.ts';
import { stateFor } from '../import-answer.ts';

export function listImports(reader: ImportReader): RequestHandler {
  return readsQuery(listImportsQuerySchema, async (query, _request, response) => {
    const bearer = bearerOf(response);
    const owner = bearer.kind === 'support' ? query.owner : bearer.owner;
    const { items, owners, nextCursor } = await reader.list({ ...query, owner });
    const shown = items.map((state) => stateFor(bearer, state, owners.get(state.importId)));
    response.json({ items: shown, nextCursor });
  });
}
