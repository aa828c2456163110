/** `GET /contacts`: a page of the owner's contacts in one of their orders; with `query` or `import`, of those that match. */
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import { listContactsQuerySchema } from '@tidings/contracts/schemas/contacts/listed-contacts.ts';
import { bearerOf } from '@tidings/service-kit/access/authenticate.ts';
import type { TokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { readsQuery } from '@tidings/service-kit/http/query.ts';
import type { RequestHandler, Response } from 'express';
import { senderOfBearer } from '../../sender.ts';
import type { LargeAnswers } from '../large-answers.ts';
import { ownerOfBearer } from '../owner-of-bearer.ts';
import type { ContactSearches } from './contact-search.ts';

export interface ListContactsParts {
  readonly contactStore: Pick<ContactStore, 'listContacts'>;
  readonly searches: ContactSearches;
  readonly answers: LargeAnswers;
  readonly tokens: Pick<TokenAuthority, 'hasLogin'>;
}

export function listContacts({ contactStore, searches, answers, tokens }: ListContactsParts): RequestHandler {
  return readsQuery(listContactsQuerySchema, async (asked, request, response) => {
    const { import: importId, sort: order, ...query } = asked;
    const options = { ...query, importId, order, owner: ownerOfBearer(response) };
    const left = signalOf(response);
    try {
      const isSearch = importId !== undefined || (query.query ?? '').trim() !== '';
      const page = isSearch
        ? await searches.search(options, left)
        : await answers.read(() => contactStore.listContacts(options));
      answers.sendJson(response, senderOfBearer(tokens, request, bearerOf(response)), page);
    } catch (error) {
      if (!left.aborted) throw error;
    }
  });
}

/** Aborted when the client leaves. */
function signalOf(response: Response): AbortSignal {
  const left = new AbortController();
  response.once('close', () => left.abort());
  if (response.closed) left.abort();
  return left.signal;
}
