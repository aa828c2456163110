/** The owner's contacts. */
import { contactPatchSchema, contactSchema } from '@tidings/contracts/schemas/contacts/contact.ts';
import {
  contactsPageSchema,
  exportContactsQuerySchema,
  listContactsQuerySchema,
  twiceStoredPageSchema,
} from '@tidings/contracts/schemas/contacts/listed-contacts.ts';
import { pageQuerySchema } from '@tidings/contracts/schemas/http.ts';
import type { RouteDescription } from '../route.ts';

const contact = {
  description: 'The contact.',
  schema: contactSchema,
  headers: { ETag: 'The version of the contact, for `If-Match`.' },
};
const common = {
  group: 'Contacts',
  tokens: ['channelToken'],
  problems: ['invalid_request', 'unavailable'],
} as const;

export const contactRoutes: readonly RouteDescription[] = [
  {
    ...{ ...common, method: 'get', path: '/contacts' },
    summary: 'A page of contacts, or of those that a search finds, or that an import has written.',
    query: listContactsQuerySchema,
    answers: { 200: { description: 'In the order of `sort`.', schema: contactsPageSchema } },
  },
  {
    ...{ ...common, method: 'get', path: '/contacts.csv' },
    summary: 'The same contacts as a file: UTF-8 with byte order mark, safe to open in a spreadsheet.',
    query: exportContactsQuerySchema,
    answers: {
      200: { description: 'The fields, and `Further columns` as JSON.', type: 'text/csv' },
    },
    problems: [...common.problems, 'rate_limited'],
  },
  {
    ...{ ...common, method: 'get', path: '/contacts/duplicates' },
    summary:
      'Contacts that earlier releases have stored twice, under two spellings of one address; to delete one of two leaves the other.',
    query: pageQuerySchema,
    answers: { 200: { description: 'By key.', schema: twiceStoredPageSchema } },
  },
  {
    ...{ ...common, method: 'get', path: '/contacts/{contactId}' },
    summary: 'One contact.',
    answers: { 200: contact },
  },
  {
    ...{ ...common, method: 'patch', path: '/contacts/{contactId}' },
    summary: 'Changes fields and attributes; null removes an attribute.',
    body: { schema: contactPatchSchema, isRequired: true },
    headers: { 'If-Match': '`ETag` of the version that is changed; without it any.' },
    answers: { 200: contact },
    problems: [...common.problems, 'request_too_large', 'precondition_failed'],
  },
  {
    ...{ ...common, method: 'delete', path: '/contacts/{contactId}' },
    summary: 'Erases the contact.',
    answers: { 204: { description: 'It is erased.' } },
  },
];
