import type { Cause } from '@tidings/contracts/event.ts';
import { chunkWorkKey } from '@tidings/contracts/imports/work.ts';
import { scheduledNotificationKey } from '@tidings/contracts/notifications/scheduled-notification.ts';
import type { WebhookCommand } from '@tidings/contracts/owners/webhooks.ts';
import { createEvent, encodeEvent } from '@tidings/contracts/schemas/event.ts';
import { controlEvent } from '@tidings/contracts/schemas/services/control-event.ts';
import { requestTopics, topics, workTopics } from '@tidings/contracts/topics.ts';
import { encodeControl, encodeNote } from '@tidings/event-log/control/control-records.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { newRequestId } from '@tidings/event-log/request-reply/request-id.ts';
import { encodeReply, encodeRequest } from '@tidings/event-log/request-reply/request-records.ts';
import { encodeSchedule } from '@tidings/event-log/schedule/schedule-records.ts';
import { openTestLog } from '@tidings/testing/log.ts';
import { v7 as uuidv7 } from 'uuid';
import { expect, test } from 'vitest';
import { foldedImport } from '../test/folded-import.ts';
import { eventTopics, findImportEvents, findTree } from './event-search.ts';

const SECRET = 'canary-4711';

/** Why no events of them are told. */
const leftOut: Readonly<Record<string, string>> = {
  [topics.expressWork]: 'purged; its reports tell of it',
  [topics.bulkWork]: 'purged; its reports tell of it',
  [topics.progress]: 'only the newest snapshot counts',
  [topics.state]: 'no events',
  [topics.blocked]: 'no events',
  [topics.leases]: 'what one instance tells another',
  [topics.watchedRequests]: 'no events',
  [topics.scheduleCommands]: 'the schedule has what comes of them',
  [topics.retentionRuns]: 'no events',
  [topics.webhookEndpoints]: 'no events',
  [topics.webhookDeliveryStates]: 'the deliveries tell of them',
  [topics.serviceReports]: 'no events',
};

test('of every topic it is said whether its events are told', () => {
  const told = [...eventTopics, ...Object.values(requestTopics)];
  expect([...told, ...Object.keys(leftOut)].sort()).toEqual(Object.values(topics).sort());
});

/** An import of one owner, with all that it may lead to, beside another one. */
async function ofImport(log: EventLog, owner: string) {
  const folded = foldedImport(owner);
  const { importId, channelId } = folded.state;
  const make = (type: string, cause?: Cause) =>
    createEvent({ type, subject: importId, data: { secret: SECRET }, owner, cause });
  const accepted = make('import.accepted');
  const unsettled = make('chunk.unsettled', accepted);
  const outcome = make('import.completed', accepted);
  const later = make('reminder', outcome);
  const [deliveryId, endpointId] = [uuidv7(), uuidv7()];
  const added: WebhookCommand = {
    type: 'add',
    delivery: { id: deliveryId, owner, type: outcome.type, subject: importId, body: `"${SECRET}"` },
    because: {
      causationId: outcome.eventId,
      correlationId: outcome.correlationId,
      at: new Date().toISOString(),
    },
  };
  const attempted: WebhookCommand = {
    ...{ type: 'attempted', deliveryId, attempt: 1, at: Date.now() },
    answer: { status: 204, body: SECRET, error: null },
    of: { owner, subject: importId, correlationId: outcome.correlationId },
  };
  const key = chunkWorkKey(importId, 3);
  const letter = { group: workTopics.bulk.group, topic: topics.bulkWork, partition: 0, offset: 1, key };
  const ordered = controlEvent(accepted);
  const noted = controlEvent(accepted);
  const skipped = controlEvent({ ...outcome, eventId: deliveryId });
  const why = { who: 'support', reason: SECRET };
  const target = { kind: 'dead_letter', ...letter } as const;
  const record = { topic: topics.notifications, key: channelId, value: encodeEvent(later) };
  const value = encodeSchedule({ record, dueAt: Date.now() + 60_000, recurrence: null, order: 0 });
  await log.append([
    { topic: topics.commands, key: importId, value: encodeEvent(accepted) },
    { topic: topics.unsettledChunks, key: importId, value: encodeEvent(unsettled) },
    { topic: topics.notifications, key: channelId, value: encodeEvent(outcome) },
    ...[added, attempted, attempted].map((command) => ({
      ...{ topic: topics.webhookDeliveries, key: endpointId, value: Buffer.from(JSON.stringify(command)) },
    })),
    encodeControl(topics.control, { action: 'requeue', target, ...why, event: ordered }),
    encodeNote(topics.control, { action: 'undo', subject: `import/${importId}`, ...why, event: noted }),
    encodeNote(topics.control, {
      ...{ action: 'skip_delivery', subject: `import/${importId}/delivery/${deliveryId}`, ...why },
      event: skipped,
    }),
    { topic: topics.schedule, key: scheduledNotificationKey(channelId, later.eventId), value },
  ]);
  const orders = { ordered: ordered.eventId, noted: noted.eventId, skipped: skipped.eventId };
  return { folded, accepted, deliveryId, orders, ofImport: [accepted, unsettled, outcome], later };
}

test('an import’s tree goes on to deliveries, chunks that were settled later, and what waits for its time', async () => {
  const log = await openTestLog();
  const mine = await ofImport(log, 'mira');
  await ofImport(log, 'noor');
  const { items, nextCursor } = await findImportEvents(log, mine.folded, 'mira', { limit: 500 });
  const attempt = items.find(({ type }) => type === 'webhook.attempted');
  expect(attempt).toMatchObject({ causationId: mine.deliveryId, subject: mine.folded.state.importId });
  expect(items.find(({ eventId }) => eventId === mine.orders.ordered)).toMatchObject({
    ...{ type: 'control.requeue', subject: mine.folded.state.importId, chunk: 3 },
    causationId: mine.accepted.eventId,
  });
  const ids = [
    ...mine.ofImport.map(({ eventId }) => eventId),
    ...[mine.deliveryId, attempt?.eventId ?? '', ...Object.values(mine.orders)],
  ];
  expect(nextCursor).toBeNull();
  expect(items.map(({ eventId }) => eventId).sort()).toEqual([...ids].sort());
  expect(items.find(({ eventId }) => eventId === mine.deliveryId)).toMatchObject({
    ...{ type: 'webhook.delivery', subject: mine.folded.state.importId },
    causationId: mine.ofImport[2]?.eventId,
  });
  for (const asker of ['mira', null]) {
    const tree = await findTree(log, mine.accepted.correlationId, asker, { limit: 500 });
    expect(tree.items.map(({ eventId }) => eventId).sort()).toEqual([...ids, mine.later.eventId].sort());
    const known = new Set(tree.items.map(({ eventId }) => eventId));
    for (const { causationId } of tree.items) expect(known).toContain(causationId);
    expect(JSON.stringify(tree)).not.toContain(SECRET);
  }
  expect((await findTree(log, mine.accepted.correlationId, 'noor', { limit: 500 })).items).toEqual([]);
});

test('a country’s tree has the order, and all that came of it, for support alone', async () => {
  const log = await openTestLog();
  const order = createEvent({ type: 'country.change-ordered', subject: 'XK', data: {} });
  const country = createEvent({ type: 'country.defined', subject: 'XK', data: {}, cause: order });
  const zones = createEvent({ type: 'country.time-zone-derived', subject: 'XK', data: {}, cause: country });
  const changed = createEvent({ type: 'country.changed', subject: 'XK', data: {}, cause: order });
  const events = { countryOrders: order, countries: country, timeZones: zones, countryChanges: changed };
  for (const [name, event] of Object.entries(events))
    await log.append([{ topic: topics[name as keyof typeof events], key: 'XK', value: encodeEvent(event) }]);
  const { items } = await findTree(log, order.correlationId, null, { limit: 500 });
  expect(new Set(items.map(({ type }) => type))).toEqual(
    new Set(Object.values(events).map(({ type }) => type)),
  );
  expect((await findTree(log, order.correlationId, 'mira', { limit: 500 })).items).toEqual([]);
});

test('a request’s tree has its replies and the outcome that its channel was told, for support alone', async () => {
  const log = await openTestLog();
  const requestId = newRequestId({ sentAt: Date.now(), partition: 1 });
  const request = {
    ...{ requestId, replyTo: 'instance', service: 'reports', method: 'create', correlationId: requestId },
    ...{ deadline: Date.now() + 60_000, headers: {}, body: Buffer.from(SECRET) },
  };
  const reply = { status: 200, headers: {}, body: Buffer.from(SECRET) };
  const outcome = createEvent({
    ...{ type: 'request.completed', subject: 'x', data: {} },
    cause: { eventId: requestId, correlationId: requestId, traceparent: '' },
  });
  await log.append([
    encodeRequest(requestTopics.heavy, request),
    encodeReply(requestTopics.replies, request, reply),
    { topic: topics.notifications, key: 'channel', value: encodeEvent(outcome) },
  ]);
  const [written] = (await log.endOffsets(requestTopics.replies)).flatMap((end, place) =>
    end > 0 ? [place] : [],
  );
  // The reply stands where the instance that waits reads, and its request's id says where that is.
  const id = newRequestId({ sentAt: Date.now(), partition: written ?? 0 });
  await log.append([
    encodeRequest(requestTopics.heavy, { ...request, requestId: id }),
    encodeReply(requestTopics.replies, { ...request, requestId: id }, reply),
  ]);
  const { items, keptSeconds } = await findTree(log, id, null, { limit: 500 });
  expect(items.map(({ type, subject, causationId }) => [type, subject, causationId])).toEqual([
    ['service.requested', 'reports/create', id],
    ['service.replied', '200', id],
  ]);
  expect(keptSeconds).toMatchObject({ [requestTopics.replies]: 86_400 });
  const first = await findTree(log, requestId, null, { limit: 500 });
  expect(first.items.map(({ type }) => type)).toContain('request.completed');
  expect(JSON.stringify([items, first])).not.toContain(SECRET);
  expect((await findTree(log, id, 'mira', { limit: 500 })).items).toEqual([]);
});
