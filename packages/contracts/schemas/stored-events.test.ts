/**
 * One event of each type as a release has written it to the log, in a file for each release. Topics and dead letters may hold such events for long, and
 * other services have learnt to read them, so no stored sample is ever changed: a release that adds a type adds a file.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { importNotificationTypes } from '../imports/import-notification.ts';
import { UNSETTLED_CHUNK_TYPE } from '../imports/unsettled-chunk.ts';
import { OWNER_CHANNEL_CREATED_TYPE, OWNER_TOKENS_REVOKED_TYPE } from '../owners/owners.ts';
import { MAPPING_REMEMBERED_TYPE, SETTINGS_CHOSEN_TYPE } from '../owners/settings.ts';
import {
  COUNTRY_CHANGED_TYPE,
  COUNTRY_ORDER_TYPE,
  COUNTRY_REFUSED_TYPE,
  COUNTRY_TIME_ZONE_TYPE,
  COUNTRY_TYPE,
} from '../reference.ts';
import { decodeEvent } from './event.ts';
import { importStateSchema } from './imports/import.ts';
import { importCommandSchema } from './imports/import-commands.ts';
import { unsettledChunkSchema } from './imports/unsettled-chunk.ts';
import { CHUNK_WORK_TYPE, decodeChunkWork, decodeUndoPageWork, UNDO_PAGE_TYPE } from './imports/work.ts';
import { ownerChannelSchema, revokedTokensSchema } from './owners/owners.ts';
import { chosenSettingsSchema, ownedMappingSchema } from './owners/settings.ts';
import { webhookCommandSchema } from './owners/webhooks.ts';
import {
  countryChangeSchema,
  countryOrderSchema,
  countryRefusalSchema,
  countrySchema,
  countryTimeZoneSchema,
} from './reference.ts';

const folder = join(import.meta.dirname, 'test');
const releases = readdirSync(folder).filter((name) => /^events-[\d.]+\.json$/.test(name));
const samplesSchema = z.record(z.string(), z.array(z.record(z.string(), z.unknown())));
type Sample = z.infer<typeof samplesSchema>[string][number];

const dataSchemas: Readonly<Record<string, z.ZodType>> = {
  notifications: importStateSchema,
  'reference.countries': countrySchema,
  'reference.time-zones': countryTimeZoneSchema,
  'owner-tokens': revokedTokensSchema,
  'owner-channels': ownerChannelSchema,
  'unsettled-chunks': unsettledChunkSchema,
  'reference.country-orders': countryOrderSchema,
  'reference.country-changes': z.union([countryChangeSchema, countryRefusalSchema]),
  'owner-settings': z.union([ownedMappingSchema, chosenSettingsSchema]),
};

/** Reads the sample as the consumers of its topic do. */
function read(topic: string, sample: Sample): unknown {
  if (topic === 'import-work') {
    const headers = z.record(z.string(), z.string()).parse(sample);
    return sample.type === CHUNK_WORK_TYPE ? decodeChunkWork(headers) : decodeUndoPageWork(headers);
  }
  // The one topic of these whose commands are no events.
  if (topic === 'webhook-deliveries') return webhookCommandSchema.parse(sample);
  const event = decodeEvent(Buffer.from(JSON.stringify(sample)));
  if (topic === 'import-commands') return importCommandSchema.parse({ type: event.type, data: event.data });
  const schema = dataSchemas[topic];
  if (schema === undefined) throw new Error(`nobody reads ${topic}`);
  return { ...event, data: schema.parse(event.data) };
}

function samplesOf(release: string) {
  return samplesSchema.parse(JSON.parse(readFileSync(join(folder, release), 'utf8')));
}

describe.each(releases)('%s', (release) => {
  const each = Object.entries(samplesOf(release)).flatMap(([topic, samples]) =>
    samples.map((sample) => ({ topic, type: String(sample.type), sample })),
  );

  test.each(each)('$topic: $type is read, with all that it says', ({ topic, sample }) => {
    const expected =
      topic === 'import-work'
        ? { envelope: { type: sample.type, eventId: sample.eventId }, work: JSON.parse(String(sample.work)) }
        : topic === 'import-commands'
          ? { type: sample.type, data: sample.data }
          : topic === 'webhook-deliveries'
            ? sample
            : { eventId: sample.eventId, correlationId: sample.correlationId, type: sample.type };
    expect(read(topic, sample)).toMatchObject(expected);
  });
});

test('every type of event that this release writes has a sample', () => {
  const stored = releases.flatMap((release) =>
    Object.entries(samplesOf(release)).flatMap(([topic, samples]) =>
      samples.map(({ type }) => `${topic} ${String(type)}`),
    ),
  );
  const written = [
    ...importCommandSchema.options.map(({ shape }) => `import-commands ${shape.type.value}`),
    ...importNotificationTypes.map((type) => `notifications ${type}`),
    ...[CHUNK_WORK_TYPE, UNDO_PAGE_TYPE].map((type) => `import-work ${type}`),
    `reference.countries ${COUNTRY_TYPE}`,
    `reference.time-zones ${COUNTRY_TIME_ZONE_TYPE}`,
    `owner-tokens ${OWNER_TOKENS_REVOKED_TYPE}`,
    `owner-channels ${OWNER_CHANNEL_CREATED_TYPE}`,
    `unsettled-chunks ${UNSETTLED_CHUNK_TYPE}`,
    `reference.country-orders ${COUNTRY_ORDER_TYPE}`,
    ...[COUNTRY_CHANGED_TYPE, COUNTRY_REFUSED_TYPE].map((type) => `reference.country-changes ${type}`),
    ...[SETTINGS_CHOSEN_TYPE, MAPPING_REMEMBERED_TYPE].map((type) => `owner-settings ${type}`),
    ...webhookCommandSchema.options.map(({ shape }) => `webhook-deliveries ${shape.type.value}`),
  ];
  expect(written.filter((type) => !stored.includes(type))).toEqual([]);
});

test('an event with fields that this release does not know is read without them', () => {
  const [sample] = samplesOf('events-0.1.0.json')['import-commands'] ?? [];
  const later = { ...sample, addedLater: 1, data: { ...(sample?.data as object), addedLater: 2 } };
  expect(JSON.stringify(read('import-commands', later))).not.toContain('addedLater');
});
