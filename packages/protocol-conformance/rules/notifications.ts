/** What a notification holds, and how notifications come. */
import assert from 'node:assert/strict';
import { must, type Rule } from '../rule.ts';
import { item, progress, type Trial } from '../trial.ts';
import type { Item, WireNotification } from '../wire.ts';

/** Durable notifications that a channel keeps. */
const KEPT = 256;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

async function watch(trial: Trial) {
  const client = trial.connect();
  const opened = await client.open(trial.newChannel);
  return { client, ...opened, publish: (items: Item | Item[]) => trial.publish(opened.channelId, items) };
}

async function hasItsFields(trial: Trial): Promise<void> {
  const { client, channelId, epoch, publish } = await watch(trial);
  const data = { text: 'ä\u{1f600}', list: [1, null, true], nested: {} };
  await publish([item(data, { subject: 'job', version: 4, final: true })]);
  await client.untilDurable(1);
  const [notification] = client.received;
  assert(notification !== undefined);
  const { at, eventId, correlationId, causationId, ...rest } = notification;
  assert.deepEqual(rest, {
    ...{ channelId, lane: 'durable', subject: 'job', type: 'conformance.done', version: 4 },
    ...{ epoch, seq: 1, final: true, data },
  });
  assert.equal(new Date(at).toISOString(), at);
  for (const id of [eventId, correlationId, causationId]) assert.match(id ?? '', UUID);
}

async function isContiguous(trial: Trial): Promise<void> {
  const { client, epoch, publish } = await watch(trial);
  const numbers = Array.from({ length: 60 }, (_, index) => index + 1);
  for (let from = 0; from < numbers.length; from += 20)
    await publish(numbers.slice(from, from + 20).map((number) => item(number)));
  await client.untilDurable(numbers.length);
  assert.deepEqual(
    client.durable.map(({ seq }) => seq),
    numbers,
  );
  assert.deepEqual(
    client.durable.map(({ data }) => data),
    numbers,
  );
  assert.deepEqual(new Set(client.durable.map((one) => one.epoch)), new Set([epoch]));
}

async function reachesEveryListener(trial: Trial): Promise<void> {
  const { client, channelId, token, publish } = await watch(trial);
  const second = trial.connect();
  await second.open({ channelId, token });
  const stream = await trial.follow(`/channels/${channelId}/events`, { token });
  await stream.until('the snapshot', () => stream.events.length > 0);
  const eventIds = await publish([item('a'), item('b'), item('c')]);
  const seen = (durable: readonly WireNotification[]) => durable.map(({ seq, eventId }) => [seq, eventId]);
  await Promise.all([client.untilDurable(3), second.untilDurable(3)]);
  await stream.until('three notifications', () => stream.notifications.length >= 3);
  for (const durable of [client.durable, second.durable, stream.notifications])
    assert.deepEqual(
      seen(durable),
      eventIds.map((eventId, index) => [index + 1, eventId]),
    );
}

async function keepsAHistory(trial: Trial): Promise<void> {
  const { client, channelId, token, epoch, publish } = await watch(trial);
  const published = KEPT + 44;
  for (let from = 1; from <= published; from += 100)
    await publish(
      Array.from({ length: Math.min(100, published - from + 1) }, (_, index) => item(from + index)),
    );
  await client.untilDurable(published);
  const oldest = published - KEPT;
  const back = trial.connect();
  assert.equal((await back.open({ channelId, token, epoch, seq: oldest })).recovered, true);
  await back.untilDurable(KEPT);
  assert.deepEqual([back.durable[0]?.seq, back.durable.at(-1)?.seq], [oldest + 1, published]);
  const late = await trial.connect().open({ channelId, token, epoch, seq: 1 });
  assert.equal(late.recovered, false);
  assert.deepEqual(
    late.snapshot.durable.map(({ seq }) => seq),
    Array.from({ length: KEPT }, (_, index) => oldest + 1 + index),
  );
}

async function losesNothingOfASlowReader(trial: Trial): Promise<void> {
  const { client, publish } = await watch(trial);
  const total = 200;
  const text = 'x'.repeat(8_000);
  for (let from = 1; from <= total; from += 50) {
    await publish(Array.from({ length: 50 }, (_, index) => item({ number: from + index, text })));
    await client.untilDurable(from);
  }
  await client.untilDurable(total);
  assert.deepEqual(
    client.durable.map(({ seq }) => seq),
    Array.from({ length: total }, (_, index) => index + 1),
  );
}

async function newestProgressWins(trial: Trial): Promise<void> {
  const { client, channelId, token, publish } = await watch(trial);
  const versions = [3, 9, 5];
  for (const version of versions) await publish(progress('job', version, { version }));
  await publish(progress('other', 'last'));
  await client.until('the last progress', () => client.received.some(({ data }) => data === 'last'));
  for (const { seq, lane } of client.received) assert.deepEqual([seq, lane], [undefined, 'progress']);
  const { snapshot, seq } = await trial.connect().open({ channelId, token });
  assert.equal(seq, 0);
  const newest = snapshot.progress.find(({ subject }) => subject === 'job');
  assert.deepEqual([newest?.version, newest?.data], [9, 9]);
}

async function endsASubject(trial: Trial): Promise<void> {
  const { client, channelId, token, publish } = await watch(trial);
  await publish(progress('job', 'half', { version: 1 }));
  await client.until('the progress', () => client.received.length === 1);
  await publish(item('whole', { subject: 'job', version: 2, final: true }));
  await client.untilDurable(1);
  const { snapshot } = await trial.connect().open({ channelId, token });
  assert.deepEqual(snapshot.progress, []);
  assert.deepEqual(
    snapshot.durable.map(({ data, final }) => [data, final]),
    [['whole', true]],
  );
}

const needs = ['api-key'] as const;
export const notificationRules: readonly Rule[] = [
  must('hub.notification.fields', hasItsFields, { needs }),
  must('hub.durable.contiguous', isContiguous, { needs }),
  must('hub.durable.listeners', reachesEveryListener, { needs }),
  must('hub.durable.history', keepsAHistory, { needs }),
  must('hub.durable.large', losesNothingOfASlowReader, { needs }),
  must('hub.progress.newest', newestProgressWins, { needs }),
  must('hub.progress.final', endsASubject, { needs }),
];
