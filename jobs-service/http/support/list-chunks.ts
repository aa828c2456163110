/** `GET /imports/{id}/chunks`: what is known of each chunk, by number. */
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import { listChunksQuerySchema } from '@tidings/contracts/schemas/services/support.ts';
import { readsQuery } from '@tidings/service-kit/http/query.ts';
import type { RequestHandler } from 'express';
import type { ImportReader } from '../../imports/import-reader.ts';
import { readChunkPage } from '../../orders/import-chunks.ts';
import type { Orders } from '../../orders/orders.ts';
import { readPermittedImport } from '../imports/import-answer.ts';
import { readNumberCursor } from './support-request.ts';

export interface ListChunksParts {
  readonly orders: Orders;
  readonly reader: ImportReader;
  readonly contactStore: Pick<ContactStore, 'ledgerChunks'>;
}

export function listChunks({ orders, reader, contactStore }: ListChunksParts): RequestHandler {
  return readsQuery(listChunksQuerySchema, async ({ status, cursor, limit }, request, response) => {
    const from = readNumberCursor(cursor) ?? 0;
    const folded = await readPermittedImport(reader, request, response);
    const dead = await orders.deadChunks(folded.state.importId, folded.uploadId);
    const { items, next } = await readChunkPage(contactStore, { folded, dead, status, from, limit });
    response.json({ items, nextCursor: next === null ? null : String(next) });
  });
}
