/** What stands on each topic of the log. */

import { eventEnvelopeSchema } from '@tidings/contracts/schemas/event.ts';
import { foldedImportSchema } from '@tidings/contracts/schemas/imports/folded-import.ts';
import { importCommandSchema } from '@tidings/contracts/schemas/imports/import-commands.ts';
import { unsettledChunkSchema } from '@tidings/contracts/schemas/imports/unsettled-chunk.ts';
import { ownerChannelSchema, revokedTokensSchema } from '@tidings/contracts/schemas/owners/owners.ts';
import {
  chosenSettingsSchema,
  ownedMappingSchema,
  settingsClaimSchema,
} from '@tidings/contracts/schemas/owners/settings.ts';
import {
  webhookCommandSchema,
  webhookDeliveryStateSchema,
  webhookEndpointSchema,
  webhookEndpointStateSchema,
} from '@tidings/contracts/schemas/owners/webhooks.ts';
import {
  countryChangeSchema,
  countryOrderSchema,
  countryRefusalSchema,
  countrySchema,
  countryTimeZoneSchema,
} from '@tidings/contracts/schemas/reference.ts';
import { scheduleCommandSchema, scheduleSchema } from '@tidings/contracts/schemas/schedule.ts';
import { blockedRecordSchema, controlRecordSchema } from '@tidings/contracts/schemas/services/control.ts';
import {
  replyHeadersSchema,
  requestHeadersSchema,
  watchedRequestSchema,
} from '@tidings/contracts/schemas/services/requests.ts';
import { serviceReportSchema } from '@tidings/contracts/schemas/services/services.ts';
import type { topics } from '@tidings/contracts/topics.ts';
import { z } from 'zod';

export interface TopicContent {
  readonly key: string;
  readonly summary: string;
  /** The schema of a value in JSON; null: the value has another form, which the summary names. */
  readonly value: z.ZodType | null;
  /** Of the headers; where there are none, the value says all. */
  readonly headers?: z.ZodType;
  /** Whether programs of others may append to it. */
  readonly isPublic?: boolean;
}

const data = z.unknown().describe('Any JSON, 8 KiB at most.');
/** What a foreign program appends, at least; the hub fills in the rest. */
const foreignRecordSchema = eventEnvelopeSchema
  .partial()
  .required({ type: true, subject: true })
  .extend({ data });
/** Headers hold text. */
const chunkHeadersSchema = eventEnvelopeSchema
  .omit({ version: true, final: true })
  .extend({ schemaVersion: z.string(), work: z.string().describe('What is to be done, as JSON.') });
const eventOf = (of: z.ZodType) => eventEnvelopeSchema.extend({ data: of });

export const topicDescriptions: Readonly<Record<keyof typeof topics, TopicContent>> = {
  notifications: {
    key: 'the channel',
    summary: 'Durable notifications. Any program may append.',
    value: foreignRecordSchema,
    isPublic: true,
  },
  progress: {
    key: 'the channel',
    summary: 'Progress: only the newest version of a subject counts. Any program may append.',
    value: foreignRecordSchema,
    isPublic: true,
  },
  expressWork: {
    key: '`importId:chunk`',
    summary: 'The first chunks of imports: raw CSV; the envelope stands in headers.',
    value: null,
    headers: chunkHeadersSchema,
  },
  bulkWork: {
    key: '`importId:chunk`',
    summary: 'The other chunks of imports: raw CSV; the envelope stands in headers.',
    value: null,
    headers: chunkHeadersSchema,
  },
  commands: {
    key: 'the import',
    summary: 'What happens to an import, for its fold.',
    value: z.intersection(eventEnvelopeSchema, importCommandSchema),
  },
  state: {
    key: 'the import',
    summary: 'Compacted: the fold of each live import.',
    value: foldedImportSchema,
  },
  unsettledChunks: {
    key: 'the import',
    summary: 'Chunks whose reports came out of their time: their dead letters go, and their rows count.',
    value: eventOf(unsettledChunkSchema),
  },
  countries: {
    key: 'the country',
    summary: 'Compacted: names, aliases, calling codes, and who has set them.',
    value: eventOf(countrySchema),
  },
  timeZones: {
    key: 'the country',
    summary: 'Compacted: the time zones of each country, derived from it.',
    value: eventOf(countryTimeZoneSchema),
  },
  countryOrders: {
    key: 'the country',
    summary: 'What is to become of a country. The reference data service alone writes countries.',
    value: eventOf(countryOrderSchema),
  },
  countryChanges: {
    key: 'the country',
    summary: 'What became of orders: the history of the countries.',
    value: eventOf(z.union([countryChangeSchema, countryRefusalSchema])),
  },
  ownerSettings: {
    key: '`choices/owner`, `mapping/<digest of the header>/owner`, or for a moment `claim/<id>/owner`',
    summary: 'Compacted: what owners have set, and who is about to change which version of it.',
    value: eventOf(z.union([chosenSettingsSchema, ownedMappingSchema, settingsClaimSchema])),
  },
  ownerTokens: {
    key: 'the owner',
    summary: "Compacted: revocations of an owner's tokens.",
    value: eventOf(revokedTokensSchema),
  },
  ownerChannels: {
    key: '`owner/channelId`',
    summary: 'Compacted: the channels of owners that a login names.',
    value: eventOf(ownerChannelSchema),
  },
  control: {
    key: 'the group',
    summary: 'Orders of people about records that have failed; the audit.',
    value: controlRecordSchema,
  },
  blocked: {
    key: '`group/topic/partition`',
    summary: 'Compacted: partitions that stand at a record which fails each time.',
    value: blockedRecordSchema,
  },
  normalRequests: {
    key: 'the request',
    summary: 'Requests to services: the body; all else stands in headers.',
    value: null,
    headers: requestHeadersSchema,
  },
  heavyRequests: {
    key: 'the request',
    summary: 'The same, for methods that take long.',
    value: null,
    headers: requestHeadersSchema,
  },
  replies: {
    key: 'the instance that waits',
    summary: 'Replies of services: the body; all else stands in headers. Workers of others append.',
    value: null,
    headers: replyHeadersSchema,
    isPublic: true,
  },
  leases: {
    key: 'the instance that holds a lease',
    summary: 'What workers tell another instance than the one that handed a request out.',
    value: null,
    headers: requestHeadersSchema,
  },
  watchedRequests: {
    key: 'the id of the request',
    summary: 'Requests whose outcome a channel is to be told, until it is.',
    value: watchedRequestSchema,
  },
  scheduleCommands: {
    key: 'the schedule',
    summary: 'Sets, moves and cancels schedules, and tells that one is due.',
    value: scheduleCommandSchema,
  },
  schedule: {
    key: 'the schedule',
    summary: 'Compacted: records that wait for their times.',
    value: scheduleSchema,
  },
  retentionRuns: {
    key: 'the schedule',
    summary: 'One record for each run of the removal of old details.',
    value: null,
    headers: z.object({
      'schedule-key': z.string(),
      'schedule-due-at': z.iso.datetime().describe('When the run was due.'),
    }),
  },
  webhookEndpoints: {
    key: 'the endpoint',
    summary: 'Compacted: where outcomes are sent; secrets are encrypted.',
    value: webhookEndpointSchema,
  },
  webhookDeliveries: {
    key: 'the endpoint',
    summary: 'What is to be delivered, and what becomes of it.',
    value: webhookCommandSchema,
  },
  webhookDeliveryStates: {
    key: '`endpoint/delivery`; the endpoint',
    summary: 'Compacted: each delivery, and how each endpoint fares.',
    value: z.union([webhookDeliveryStateSchema, webhookEndpointStateSchema]),
  },
  serviceReports: {
    key: '`service/instance`',
    summary: 'What a process says of a service in it every ten seconds: whether what it needs answers.',
    value: serviceReportSchema,
  },
};
