import { z } from 'zod';
import { contactOrders } from '../../contacts/contact.ts';
import type { PageOfContacts, PageOfTwiceStored } from '../../contacts/listed-contacts.ts';
import { MAX_CONTACT_QUERY } from '../../limits.ts';
import { pageQueryShape, pageSchema } from '../http.ts';
import { schemaOf } from '../values/schema-of.ts';
import { lineSchema } from '../values/text.ts';
import { contactSchema } from './contact.ts';

const contactsFilter = {
  query: lineSchema(MAX_CONTACT_QUERY)
    .optional()
    .describe('Beginnings of words of address, names and company, or of the phone number, parted by blanks.'),
  import: z.uuid().optional().describe('Only contacts that this import has created, or has found.'),
  sort: z.enum(contactOrders).optional().describe('By `email` where it is left out; `-` turns it round.'),
};

export const listContactsQuerySchema = z.object({ ...contactsFilter, ...pageQueryShape });

export const exportContactsQuerySchema = z.object({
  ...contactsFilter,
  sort: contactsFilter.sort.describe(
    'By `email` where it is left out, which leaves out none. In another order a contact that changes meanwhile, or is not indexed yet, may be passed over.',
  ),
  delimiter: z.enum([',', ';']).default(',').describe('As the spreadsheet of the reader wants it.'),
});

export const contactsPageSchema = schemaOf<PageOfContacts>()(
  pageSchema(contactSchema).extend({
    total: z
      .int()
      .min(0)
      .nullable()
      .describe('Of all pages; null where it is not known, and on every page but the first.'),
    unsorted: z
      .int()
      .min(0)
      .describe('Contacts that were written a moment ago, and have no place in the order yet.'),
  }),
);

const namedContactSchema = contactSchema
  .pick({ id: true, writtenEmail: true, firstName: true, lastName: true, changedAt: true })
  .describe('Parts of the name have 200 characters at most.');

export const twiceStoredPageSchema = schemaOf<PageOfTwiceStored>()(
  pageSchema(
    z.object({
      email: z.string().describe('The key.'),
      contact: namedContactSchema.describe('The one that imports find.'),
      other: namedContactSchema.describe('Imports find it once the first is deleted.'),
    }),
  ).extend({ total: z.int().min(0).nullable().describe('Of all pages; null on every page but the first.') }),
);
