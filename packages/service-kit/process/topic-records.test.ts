/** What is written to the topics that contracts/ describes and the log knows nothing of is what their schemas say. */

import { eventEnvelopeSchema } from '@tidings/contracts/schemas/event.ts';
import { ownerChannelSchema, revokedTokensSchema } from '@tidings/contracts/schemas/owners/owners.ts';
import { blockedRecordSchema, controlRecordSchema } from '@tidings/contracts/schemas/services/control.ts';
import { controlEvent } from '@tidings/contracts/schemas/services/control-event.ts';
import { replyHeadersSchema, requestHeadersSchema } from '@tidings/contracts/schemas/services/requests.ts';
import { topics } from '@tidings/contracts/topics.ts';
import { encodeBlocked } from '@tidings/event-log/control/blocked-partitions.ts';
import { type ControlTarget, encodeControl, encodeNote } from '@tidings/event-log/control/control-records.ts';
import type { NewRecord } from '@tidings/event-log/event-log.ts';
import { encodeReply, encodeRequest } from '@tidings/event-log/request-reply/request-records.ts';
import { openTestLog, readAll } from '@tidings/testing/log.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import { expect, onTestFinished, test } from 'vitest';
import { openOwnerChannels } from '../access/owner-channels.ts';
import { openOwnerTokens } from '../access/owner-tokens.ts';

const jsonOf = ({ value }: Pick<NewRecord, 'value'>): unknown =>
  JSON.parse(new TextDecoder().decode(value ?? undefined));
const place = { group: 'importer.bulk', topic: 'import-work.bulk', partition: 3, offset: 7, key: 'one:7' };
const byWhom = { who: 'support', reason: 'mended' };

test('orders about each kind of record, an order that a program repeats, and notes', () => {
  const targets: ControlTarget[] = [
    { kind: 'dead_letter', ...place },
    { kind: 'blocked_partition', ...place },
    { kind: 'waiting_record', ...place, attempts: 2 },
  ];
  const records = [
    ...targets.map((target) => encodeControl(topics.control, { action: 'retry', target, ...byWhom })),
    ...targets.map((target) =>
      encodeControl(topics.control, { action: 'skip', target, ...byWhom, isRepeat: true }),
    ),
    encodeNote(topics.control, { action: 'erase', subject: 'owner/ann', ...byWhom }),
    encodeNote(topics.control, { action: 'erase', subject: 'owner/ann', ...byWhom, event: controlEvent() }),
  ];
  for (const record of records) expect(controlRecordSchema.parse(jsonOf(record))).toEqual(jsonOf(record));
});

test('a partition that is blocked', () => {
  const error = { code: 'no_such_table', message: 'The table is missing.' };
  const record = encodeBlocked(topics.blocked, { ...place, error, since: 1_700_000_000_000, attempts: 4 });
  expect(blockedRecordSchema.parse(jsonOf(record))).toEqual(jsonOf(record));
});

test('revocations, and channels of owners', async () => {
  const log = await openTestLog();
  const tokens = await openOwnerTokens(log);
  const channels = await openOwnerChannels({ log, logger: silentLogger });
  onTestFinished(async () => {
    await tokens.close();
    await channels.close();
  });
  await tokens.revoke('ann');
  await channels.add('ann', 'channel-1');
  for (const [topic, data] of [
    [topics.ownerTokens, revokedTokensSchema],
    [topics.ownerChannels, ownerChannelSchema],
  ] as const) {
    const [record] = await readAll(log, topic);
    const json = jsonOf({ value: record?.value ?? null });
    expect(eventEnvelopeSchema.strict().extend({ data: data.strict() }).parse(json)).toEqual(json);
  }
});

test('headers of requests and of replies', () => {
  const body = new Uint8Array();
  const address = { requestId: 'a-request', replyTo: 'an-instance', correlationId: 'a-correlation' };
  const asked = { ...address, service: 'reports', method: 'make', deadline: Date.now(), headers: {}, body };
  const { headers } = encodeRequest(topics.normalRequests, asked);
  expect(requestHeadersSchema.strict().parse(headers)).toEqual(headers);
  const reply = { status: 200, headers: { 'content-type': 'application/json' }, body };
  const replied = encodeReply(topics.replies, address, reply);
  expect(replyHeadersSchema.strict().parse(replied.headers)).toEqual(replied.headers);
});
