/** Channels without a socket: event streams, tickets, polling. */
import assert from 'node:assert/strict';
import { must, type Rule } from '../rule.ts';
import { item, problemOf, progress, type Trial } from '../trial.ts';
import type { WireChannel, WireOpened } from '../wire.ts';

/** Milliseconds between two heartbeats. */
const HEARTBEAT_MS = 15_000;

async function channelWith(trial: Trial, ...data: unknown[]): Promise<WireChannel & { path: string }> {
  const channel = await trial.create();
  const watcher = trial.connect();
  await watcher.open({ channelId: channel.channelId, token: channel.token });
  if (data.length > 0)
    await trial.publish(
      channel.channelId,
      data.map((one) => item(one)),
    );
  await watcher.untilDurable(data.length);
  return { ...channel, path: `/channels/${channel.channelId}/events` };
}

async function snapshotComesFirst(trial: Trial): Promise<void> {
  const { path, token, channelId, epoch } = await channelWith(trial, 'one', 'two');
  const stream = await trial.follow(path, { token });
  await stream.until('the snapshot', () => stream.events.length > 0);
  const [{ event, id, data } = { event: '', id: '', data: {} }] = stream.events;
  assert.deepEqual([event, id], ['snapshot', `${epoch}:2`]);
  const { snapshot, ...rest } = data as WireOpened;
  assert.deepEqual(rest, { channelId, epoch, seq: 2, recovered: false });
  assert.deepEqual(
    snapshot.durable.map((one) => one.data),
    ['one', 'two'],
  );
}

async function durableOnesHaveIds(trial: Trial): Promise<void> {
  const { path, token, channelId, epoch } = await channelWith(trial);
  const stream = await trial.follow(path, { token });
  await stream.until('the snapshot', () => stream.events.length > 0);
  await trial.publish(channelId, [item('done'), progress('job', 'half')]);
  await stream.until('both notifications', () => stream.notifications.length === 2);
  const ids = new Map(stream.events.slice(1).map(({ id, data }) => [(data as { data: unknown }).data, id]));
  assert.deepEqual([ids.get('done'), ids.get('half')], [`${epoch}:1`, null]);
}

async function resumes(trial: Trial): Promise<void> {
  const { path, token, epoch } = await channelWith(trial, 'one', 'two', 'three');
  const ways = [
    { headers: { 'Last-Event-ID': `${epoch}:1` } },
    { query: `?lastEventId=${epoch}:1` },
    { headers: { 'Last-Event-ID': `${epoch}:1` }, query: '?lastEventId=another:7' },
  ];
  for (const { headers, query = '' } of ways) {
    const stream = await trial.follow(`${path}${query}`, { token, headers });
    await stream.until('what was missed', () => stream.notifications.length === 2);
    const [first] = stream.events;
    assert.deepEqual(
      [first?.event, first?.id, (first?.data as WireOpened | undefined)?.recovered],
      ['snapshot', null, true],
    );
    assert.deepEqual(
      stream.notifications.map(({ data }) => data),
      ['two', 'three'],
    );
    stream.close();
  }
}

async function beats(trial: Trial): Promise<void> {
  const { path, token } = await channelWith(trial);
  const stream = await trial.follow(path, { token });
  await stream.until('a heartbeat', () => stream.comments > 0, HEARTBEAT_MS + trial.patienceMs);
}

async function ticketsAreUsedOnce(trial: Trial): Promise<void> {
  const { path, token, channelId } = await channelWith(trial);
  const asked = await trial.send(`/channels/${channelId}/tickets`, { method: 'POST', token });
  assert.equal(asked.status, 201);
  const { ticket, expiresAt } = (await asked.json()) as { ticket: string; expiresAt: string };
  const left = Date.parse(expiresAt) - Date.now();
  assert(left > 0 && left < 120_000, `a ticket of ${left} ms`);
  const stream = await trial.follow(`${path}?ticket=${ticket}`);
  await stream.until('the snapshot', () => stream.events.length > 0);
  await problemOf(await trial.send(`${path}?ticket=${ticket}`), 401, 'token_invalid');
}

async function refusesStreams(trial: Trial): Promise<void> {
  const { path, token } = await channelWith(trial);
  const other = await trial.create();
  await problemOf(await trial.send(path), 401, 'token_missing');
  await problemOf(await trial.send(path, { token: other.token }), 404, 'not_found');
  await problemOf(await trial.send(`/channels/${'A'.repeat(36)}/events`, { token }), 404, 'not_found');
  const half = await trial.send(path, { token, headers: { 'Last-Event-ID': '7' } });
  await problemOf(half, 400, 'invalid_request');
}

const json = { Accept: 'application/json' };

async function polls(trial: Trial): Promise<void> {
  const { path, token, channelId, epoch } = await channelWith(trial, 'one', 'two');
  const whole = (await (await trial.send(path, { token, headers: json })).json()) as WireOpened;
  assert.deepEqual([whole.channelId, whole.recovered, whole.seq], [channelId, false, 2]);
  assert.deepEqual(
    whole.snapshot.durable.map(({ data }) => data),
    ['one', 'two'],
  );
  const headers = { ...json, 'Last-Event-ID': `${epoch}:1` };
  const missed = (await (await trial.send(path, { token, headers })).json()) as WireOpened;
  assert.deepEqual([missed.recovered, missed.snapshot.durable.map(({ data }) => data)], [true, ['two']]);
}

async function saysNothingNew(trial: Trial): Promise<void> {
  const { path, token, channelId } = await channelWith(trial, 'one');
  const first = await trial.send(path, { token, headers: json });
  const etag = first.headers.get('etag') ?? '';
  assert(etag !== '' && Number(first.headers.get('retry-after')) > 0, 'ETag and Retry-After');
  const headers = { ...json, 'If-None-Match': etag };
  assert.equal((await trial.send(path, { token, headers })).status, 304);
  const watcher = trial.connect();
  await watcher.open({ channelId, token });
  await trial.publish(channelId, item('two'));
  await watcher.untilDurable(1);
  assert.equal((await trial.send(path, { token, headers })).status, 200);
}

const needs = ['api-key'] as const;
export const eventStreamRules: readonly Rule[] = [
  must('hub.events.snapshot', snapshotComesFirst, { needs }),
  must('hub.events.id', durableOnesHaveIds, { needs }),
  must('hub.events.position', resumes, { needs }),
  must('hub.events.heartbeat', beats),
  must('hub.events.ticket', ticketsAreUsedOnce),
  must('hub.events.refused', refusesStreams),
  must('hub.poll.answer', polls, { needs }),
  must('hub.poll.not-modified', saysNothingNew, { needs }),
];
