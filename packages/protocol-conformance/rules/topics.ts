/** Records of programs that reach the log itself. */
import assert from 'node:assert/strict';
import { must, type Rule } from '../rule.ts';
import type { Trial } from '../trial.ts';

async function append(trial: Trial, topic: string, key: string, value: unknown): Promise<void> {
  assert(trial.hub.append !== undefined, 'the rule needs the log');
  await trial.hub.append(topic, key, typeof value === 'string' ? value : JSON.stringify(value));
}

async function fillsIn(trial: Trial): Promise<void> {
  const client = trial.connect();
  const { channelId, token } = await client.open(trial.newChannel);
  const done = { type: 'job.done', subject: 'job', data: { rows: 5 }, final: true };
  await append(trial, 'progress', channelId, { type: 'job.progress', subject: 'job', data: 1 });
  await client.until('the progress', () => client.received.length === 1);
  await append(trial, 'notifications', channelId, done);
  await client.untilDurable(1);
  const [running, ended] = client.received;
  assert(Number.isInteger(running?.version), 'progress without a version gets one');
  assert(ended !== undefined);
  const { eventId, correlationId, causationId, at, epoch, seq, channelId: to, lane, ...told } = ended;
  assert.equal(eventId?.length, 36);
  assert.deepEqual([correlationId, causationId], [eventId, eventId]);
  assert(Math.abs(Date.parse(at) - Date.now()) < 60_000, 'the time of the record');
  assert.deepEqual([to, lane, seq], [channelId, 'durable', 1]);
  assert.deepEqual(told, done);
  const kept = await trial.connect().open({ channelId, token });
  assert.deepEqual([kept.epoch, kept.snapshot.durable[0]?.eventId], [epoch, eventId]);
}

async function skips(trial: Trial): Promise<void> {
  const client = trial.connect();
  const { channelId } = await client.open(trial.newChannel);
  const good = { type: 'job.done', subject: 'job', data: 'good' };
  const bad: readonly unknown[] = [
    'no JSON',
    { type: 'job.done', data: 1 },
    { type: 'job.done', subject: 'job' },
    { ...good, type: 'a\u0000b' },
    { ...good, eventId: 'no UUID' },
    { ...good, data: 'x'.repeat(8 * 1024) },
  ];
  for (const record of bad) await append(trial, 'notifications', channelId, record);
  await append(trial, 'notifications', channelId, good);
  await client.untilDurable(1);
  assert.deepEqual(
    client.received.map(({ seq, data }) => [seq, data]),
    [[1, 'good']],
  );
}

const needs = ['kafka'] as const;
export const topicRules: readonly Rule[] = [
  must('hub.topic.fill-in', fillsIn, { needs }),
  must('hub.topic.skip', skips, { needs }),
];
