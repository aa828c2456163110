/** The owner's contacts. */
import { contactSchema, contactsPageSchema } from '@tidings/contracts/schemas/answers.ts';
import { contactPatchSchema } from '@tidings/contracts/schemas/contact.ts';
import { listContactsQuerySchema } from '@tidings/contracts/schemas/http.ts';
import type { RouteDescription } from '../route.ts';

const contact = { description: 'The contact.', schema: contactSchema };
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
    ...{ ...common, method: 'get', path: '/contacts/{contactId}' },
    summary: 'One contact.',
    answers: { 200: contact },
  },
  {
    ...{ ...common, method: 'patch', path: '/contacts/{contactId}' },
    summary: 'Changes fields and attributes; null removes an attribute.',
    body: { schema: contactPatchSchema, isRequired: true },
    answers: { 200: contact },
    problems: [...common.problems, 'request_too_large'],
  },
  {
    ...{ ...common, method: 'delete', path: '/contacts/{contactId}' },
    summary: 'Erases the contact.',
    answers: { 204: { description: 'It is erased.' } },
  },
];
