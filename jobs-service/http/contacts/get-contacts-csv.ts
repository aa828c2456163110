/**
 * `GET /contacts.csv`: the owner's contacts, or those that a search or an import names, as a file that a spreadsheet opens without running any of
 * it. Further columns of the files that they came from stand in one cell, as JSON: which there are is known only behind the last contact.
 */
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import type { ListContactsOptions } from '@tidings/contact-store/listed-contacts.ts';
import type { Contact } from '@tidings/contracts/contacts/contact.ts';
import { contactFields } from '@tidings/contracts/contacts/contact-fields.ts';
import type { Delimiter } from '@tidings/contracts/files/csv.ts';
import { exportContactsQuerySchema } from '@tidings/contracts/schemas/contacts/listed-contacts.ts';
import { CONTACTS_EXPORT_COLUMNS } from '@tidings/csv/writing/contacts-export.ts';
import { neutraliseCell } from '@tidings/csv/writing/neutralise.ts';
import { BYTE_ORDER_MARK, writeRecord } from '@tidings/csv/writing/write.ts';
import { bearerOf } from '@tidings/service-kit/access/authenticate.ts';
import type { TokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { attachmentNamed } from '@tidings/service-kit/http/content-disposition.ts';
import { readsQuery } from '@tidings/service-kit/http/query.ts';
import type { RequestHandler } from 'express';
import { senderOfBearer } from '../../sender.ts';
import type { LargeAnswers } from '../large-answers.ts';
import { ownerOfBearer } from '../owner-of-bearer.ts';
import { streamAnswer } from '../stream-answer.ts';

/** Contacts read at a time; a page ends at 4 MiB. */
const PAGE = 500;

export interface ContactsCsvParts {
  readonly contactStore: Pick<ContactStore, 'listContacts'>;
  readonly answers: LargeAnswers;
  readonly tokens: Pick<TokenAuthority, 'hasLogin'>;
}

export function contactsCsv({ contactStore, answers, tokens }: ContactsCsvParts): RequestHandler {
  return readsQuery(exportContactsQuerySchema, async (asked, request, response) => {
    const { import: importId, sort: order, delimiter, query } = asked;
    const options = { query, importId, order, owner: ownerOfBearer(response) };
    const read = (cursor?: string) =>
      answers.read(() => contactStore.listContacts({ ...options, limit: PAGE, cursor }));
    const first = await read();
    const onPart = answers.hold(response, senderOfBearer(tokens, request, bearerOf(response)));
    response.status(200).type('text/csv; charset=utf-8');
    response.set('Content-Disposition', attachmentNamed('contacts.csv', 'contacts.csv'));
    await streamAnswer(response, records(first, read, delimiter, onPart));
  });
}

type PageRead = Awaited<ReturnType<ContactsCsvParts['contactStore']['listContacts']>>;

/** @param onPart called for each page that the client has taken the one before of */
async function* records(
  first: PageRead,
  read: (cursor: NonNullable<ListContactsOptions['cursor']>) => Promise<PageRead>,
  delimiter: Delimiter,
  onPart: () => void,
): AsyncIterable<string> {
  yield BYTE_ORDER_MARK + writeRecord(CONTACTS_EXPORT_COLUMNS, delimiter);
  for (let page = first; ; ) {
    onPart();
    // Nothing that is read may be sent as an empty part, which would end the stream.
    const text = page.items.map((contact) => writeRecord(cellsOf(contact), delimiter)).join('');
    if (text !== '') yield text;
    if (page.nextCursor === null) return;
    page = await read(page.nextCursor);
  }
}

function cellsOf(contact: Contact): string[] {
  const { attributes } = contact;
  const further = Object.keys(attributes).length === 0 ? '' : JSON.stringify(attributes);
  const fields = contactFields.map(({ name }) => (name === 'email' ? contact.writtenEmail : contact[name]));
  return [...fields, further].map(neutraliseCell);
}
