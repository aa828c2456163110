/** What the HTTP API answers. Services are checked by their types; these schemas describe the answers to others, and tests read real ones with them. */
import { z } from 'zod';
import { type Contact, MAX_CONTACT_ATTRIBUTES } from '../contacts/contact.ts';
import { type ContactField, contactFields } from '../contacts/contact-fields.ts';
import type {
  AcceptedImport,
  ChannelToken,
  CreatedChannel,
  CreatedPublisherToken,
  CreatedTicket,
  ErasedOwner,
  EventItem,
  EventPage,
  HandedRows,
  Limits,
  ListedChannel,
  PageOfContacts,
  PageOfTwiceStored,
  ProblemDocument,
  RejectedRowItem,
  UndoItem,
  UploadOffset,
  WarningItem,
} from '../http.ts';
import type { AcceptedNotifications } from '../notifications/notification.ts';
import type { OpenedChannel } from '../notifications/socket-events.ts';
import type { WaitingRequest } from '../services/requests.ts';
import {
  type AuditItem,
  type BlockedPartitionItem,
  type ChunkItem,
  chunkStatuses,
  type DeadLetterItem,
} from '../services/support.ts';
import { notificationSchema } from './notifications/notification.ts';
import { requestContentSchema } from './services/requests.ts';
import { schemaOf } from './values/schema-of.ts';
import { count } from './values/whole-number.ts';

const time = z.iso.datetime();
const failure = z.object({ code: z.string(), message: z.string() });

export const problemSchema = schemaOf<ProblemDocument>()(
  z.object({
    type: z.literal('about:blank'),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string(),
    retriable: z.boolean(),
    line: z.int().optional(),
    field: z.string().optional(),
    reason: z.string().optional(),
  }),
);

const channelPosition = { channelId: z.string(), token: z.string(), epoch: z.string(), seq: count };
export const createdChannelSchema = schemaOf<CreatedChannel>()(z.object(channelPosition));
export const listedChannelSchema = schemaOf<ListedChannel>()(
  z.object({ channelId: z.string(), token: z.string(), createdAt: time }),
);
export const openedChannelSchema = schemaOf<OpenedChannel>()(
  z.object({
    ...channelPosition,
    recovered: z.boolean(),
    snapshot: z.object({ progress: z.array(notificationSchema), durable: z.array(notificationSchema) }),
  }),
);
export const createdTicketSchema = schemaOf<CreatedTicket>()(
  z.object({ ticket: z.string(), expiresAt: time }),
);
export const createdPublisherTokenSchema = schemaOf<CreatedPublisherToken>()(
  z.object({ token: z.string(), expiresAt: time }),
);
export const acceptedNotificationsSchema = schemaOf<AcceptedNotifications>()(
  z.object({ eventIds: z.array(z.uuid()) }),
);

export const acceptedImportSchema = schemaOf<AcceptedImport>()(
  z.object({
    importId: z.uuid(),
    channelId: z.string(),
    channelToken: z.string(),
    sheet: z.string().optional(),
    sheets: z.array(z.string()).optional(),
  }),
);
export const uploadOffsetSchema = schemaOf<UploadOffset>()(z.object({ offset: z.int().min(0) }));
export const channelTokenSchema = schemaOf<ChannelToken>()(
  z.object({ channelId: z.string(), token: z.string() }),
);
export const warningItemSchema = schemaOf<WarningItem>()(
  z.object({
    row: z.int().min(1),
    line: z.int().min(1),
    code: z.string(),
    column: z.string(),
    cell: z.string(),
  }),
);

export const undoItemSchema = schemaOf<UndoItem>()(
  z.object({
    contactId: z.uuid(),
    email: z.string(),
    outcome: z.enum(['reversed', 'kept', 'failed']),
    reason: z.string().nullable(),
  }),
);
export const eventItemSchema = schemaOf<EventItem>()(
  z.object({
    eventId: z.uuid(),
    causationId: z.uuid(),
    correlationId: z.uuid(),
    type: z.string(),
    at: time,
    producer: z.string().nullable(),
    subject: z.string(),
    chunk: count.optional(),
  }),
);
export const eventPageSchema = schemaOf<EventPage>()(
  z.object({
    items: z.array(eventItemSchema),
    nextCursor: z.string().nullable(),
    keptSeconds: z.record(z.string(), count).describe('By topic: events that are older are not told.'),
  }),
);
export const rejectedRowItemSchema = schemaOf<RejectedRowItem>()(
  z.object({
    row: z.int().min(1),
    line: z.int().min(1),
    codes: z.array(z.string()),
    faults: z.array(z.object({ code: z.string(), reason: z.string(), column: z.string().nullable() })),
    cells: z.record(z.string(), z.string()),
    mended: z.boolean(),
    mendedBy: z.uuid().nullable(),
  }),
);
export const handedRowsSchema = schemaOf<HandedRows>()(
  z.object({ importId: z.uuid(), channelId: z.string(), rows: z.int().min(1) }),
);
export const limitsSchema = schemaOf<Limits>()(
  z
    .object({
      upload: z
        .object({ maxBytes: count, maxRows: count, maxColumns: count, maxRecordBytes: count })
        .readonly(),
    })
    .readonly(),
);

const fieldShape = Object.fromEntries(contactFields.map(({ name }) => [name, z.string()])) as Record<
  ContactField,
  z.ZodString
>;
export const contactSchema = schemaOf<Contact>()(
  z.object({
    ...fieldShape,
    id: z.uuid(),
    email: z
      .string()
      .describe('The form in which all spellings of the address are one: the key of the contact.'),
    writtenEmail: z.string().describe('The address as a file has written it, to be shown.'),
    attributes: z
      .record(z.string(), z.string())
      .describe(`At most ${MAX_CONTACT_ATTRIBUTES.toLocaleString('en')}.`),
    version: z.int().min(1),
    changedAt: z.iso.datetime().nullable(),
    changedByImport: z.uuid().nullable(),
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

export const deadLetterItemSchema = schemaOf<DeadLetterItem>()(
  z.object({
    id: z.string(),
    group: z.string(),
    topic: z.string(),
    key: z.string(),
    attempts: count,
    error: failure,
    failedAt: time,
    importId: z.uuid().optional(),
    chunk: count.optional(),
  }),
);
export const blockedPartitionItemSchema = schemaOf<BlockedPartitionItem>()(
  z.object({
    group: z.string(),
    topic: z.string(),
    partition: count,
    offset: count,
    key: z.string(),
    attempts: count,
    error: failure,
    since: time,
  }),
);
export const auditItemSchema = schemaOf<AuditItem>()(
  z.object({
    at: time,
    who: z.string(),
    action: z.string(),
    target: z.string(),
    reason: z.string(),
    importId: z.uuid().optional(),
    chunk: count.optional(),
  }),
);
export const chunkItemSchema = schemaOf<ChunkItem>()(
  z.object({
    chunk: count,
    status: z.enum(chunkStatuses),
    firstLine: count.nullable(),
    rows: count.nullable(),
    attempts: count,
    error: failure.nullable(),
    nextAttemptAt: time.nullable(),
  }),
);
export const erasedOwnerSchema = schemaOf<ErasedOwner>()(
  z.object({ done: z.boolean(), removed: z.record(z.string(), count) }),
);
export const waitingRequestSchema = schemaOf<WaitingRequest>()(
  z.object({ requestId: z.string() }).readonly(),
);
/** A `TakenRequest`. */
export const takenRequestSchema = z.object({
  requestId: z.string(),
  method: z.string(),
  lane: z.enum(['normal', 'heavy']),
  attempt: z.int().min(1),
  headers: z.record(z.string(), z.string()),
  body: requestContentSchema,
  lease: z.string(),
  leaseEndsAt: time,
  deadline: time,
});

/** A page of a list. */
export function pageSchema<Schema extends z.ZodType>(item: Schema) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() });
}
