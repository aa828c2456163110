import { describe, expect, test } from 'vitest';
import { toLine } from '../../text.ts';
import { createChannelBodySchema } from '../channels/channels.ts';
import { createEvent, eventEnvelopeSchema } from '../event.ts';
import { importCommandSchema } from '../imports/import-commands.ts';
import { chunkWorkSchema } from '../imports/work.ts';
import { openChannelRequestSchema } from '../notifications/socket-events.ts';

const id = '0198c0de-0000-7000-8000-000000000000';

const messages = {
  'a channel to be opened': {
    schema: openChannelRequestSchema,
    message: { channelId: 'c', token: 't', epoch: 'e', seq: 1 },
    fields: ['channelId', 'token', 'epoch'],
  },
  'a channel to be made': {
    schema: createChannelBodySchema,
    message: { userToken: 't' },
    fields: ['userToken'],
  },
  'an event': {
    schema: eventEnvelopeSchema,
    message: { ...createEvent({ type: 'some.type', subject: id, data: {} }) },
    fields: ['type', 'subject', 'eventId', 'causationId', 'correlationId', 'traceparent', 'occurredAt'],
  },
  'an accepted import': {
    schema: importCommandSchema.options[0].shape.data,
    message: { uploadId: id, channelId: 'c', owner: 'o', fileName: 'f', clientReference: 'r' },
    fields: ['uploadId', 'channelId', 'owner', 'fileName', 'clientReference'],
  },
  'a chunk': {
    schema: chunkWorkSchema.pick({ importId: true, uploadId: true, owner: true, defaultCountry: true }),
    message: { importId: id, uploadId: id, owner: 'o', defaultCountry: 'DE' },
    fields: ['importId', 'uploadId', 'owner', 'defaultCountry'],
  },
};

describe.each(Object.entries(messages))('%s', (_name, { schema, message, fields }) => {
  test('is taken as it is', () => expect(schema.safeParse(message).success).toBe(true));

  test.each(fields)('holds no control character and no half of a pair in `%s`', (field) => {
    const valid = String(Reflect.get(message, field));
    for (const strange of ['\0', '\u0007', '\n', '\u0085', '\ud83c', '\udf88']) {
      expect(schema.safeParse({ ...message, [field]: valid + strange }).success).toBe(false);
      expect(schema.safeParse({ ...message, [field]: strange + valid }).success).toBe(false);
    }
  });
});

test('the header of a chunk holds what a file may hold', () => {
  const { header } = chunkWorkSchema.shape;
  expect(header.safeParse(['e\u000bmail', 'no\u0001tes\n']).success).toBe(true);
  for (const strange of ['\0', '\ud83c']) expect(header.safeParse(['email', strange]).success).toBe(false);
});

test('a line is what is left of any text, cut between characters', () => {
  expect(toLine('a\ud83c\0\r\n\u0085b\udf88', 10)).toBe('ab');
  expect(toLine('🎈'.repeat(5), 3)).toBe('🎈🎈🎈');
});
