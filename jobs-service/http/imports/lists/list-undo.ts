/** `GET /imports/{id}/undo`: what became of each contact when the import was taken back, and why one was kept. */
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import { pageQuerySchema } from '@tidings/contracts/schemas/http.ts';
import { readsQuery } from '@tidings/service-kit/http/query.ts';
import type { RequestHandler } from 'express';
import type { ImportReader } from '../../../imports/import-reader.ts';
import { readPermittedImport } from '../import-answer.ts';

export function listUndo(reader: ImportReader, contactStore: Pick<ContactStore, 'listUndo'>): RequestHandler {
  return readsQuery(pageQuerySchema, async (page, request, response) => {
    const { state } = await readPermittedImport(reader, request, response);
    response.json(await contactStore.listUndo({ importId: state.importId, ...page }));
  });
}
