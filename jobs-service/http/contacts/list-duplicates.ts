/** `GET /contacts/duplicates`: the owner's contacts that are stored twice, under spellings of one address. Nothing joins them but a person. */
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import { pageQuerySchema } from '@tidings/contracts/schemas/http.ts';
import { readsQuery } from '@tidings/service-kit/http/query.ts';
import type { RequestHandler } from 'express';
import { ownerOfBearer } from '../owner-of-bearer.ts';

export function listDuplicates(contactStore: Pick<ContactStore, 'listTwiceStored'>): RequestHandler {
  return readsQuery(pageQuerySchema, async (page, _request, response) => {
    response.json(await contactStore.listTwiceStored({ ...page, owner: ownerOfBearer(response) }));
  });
}
