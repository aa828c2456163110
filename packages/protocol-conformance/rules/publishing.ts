/** Publishing by HTTP. */
import assert from 'node:assert/strict';
import { must, type Rule } from '../rule.ts';
import { item, problemOf, progress, type Trial } from '../trial.ts';

const MAX_DATA_BYTES = 8 * 1024;

async function watched(trial: Trial) {
  const channel = await trial.create();
  const watcher = trial.connect();
  await watcher.open({ channelId: channel.channelId, token: channel.token });
  const path = `/channels/${channel.channelId}/notifications`;
  const post = (json: unknown, headers: Record<string, string> = {}, token = trial.apiKey) =>
    trial.send(path, { method: 'POST', token, json, headers });
  /** Returns all that the channel has got once one more notification has come, so that nothing published before is missing. */
  const dataSoFar = async () => {
    await trial.publish(channel.channelId, item('the last'));
    await watcher.until('the last', () => watcher.received.some(({ data }) => data === 'the last'));
    return watcher.durable.map(({ data }) => data).filter((data) => data !== 'the last');
  };
  return { ...channel, watcher, path, post, dataSoFar };
}

async function answersWithIds(trial: Trial): Promise<void> {
  const { watcher, post } = await watched(trial);
  const answer = await post([item('a'), item('b'), progress('job', 'c')]);
  assert.equal(answer.status, 202);
  const { eventIds } = (await answer.json()) as { eventIds: string[] };
  await watcher.until('three notifications', () => watcher.received.length === 3);
  const idOf = new Map(watcher.received.map(({ data, eventId }) => [data, eventId]));
  assert.deepEqual(
    eventIds,
    ['a', 'b', 'c'].map((data) => idOf.get(data)),
  );
  const single = await post(item('alone'));
  assert.equal(((await single.json()) as { eventIds: string[] }).eventIds.length, 1);
}

async function refusesWhole(trial: Trial): Promise<void> {
  const { post, dataSoFar } = await watched(trial);
  const bad: readonly (readonly [unknown, string])[] = [
    [{ ...item('x'), subject: '' }, '1.subject'],
    [{ ...item('x'), type: 'a\nb' }, '1.type'],
    [{ ...item('x'), lane: 'express' }, '1.lane'],
    [{ ...item('x'), version: -1 }, '1.version'],
    [{ subject: 'job', type: 'job.done' }, '1.data'],
  ];
  for (const [second, field] of bad) {
    const problem = await problemOf(await post([item('refused'), second]), 400, 'invalid_request');
    assert.equal(problem.field, field);
  }
  await problemOf(await post([]), 400, 'invalid_request');
  await problemOf(await post(Array.from({ length: 101 }, () => item('refused'))), 400, 'invalid_request');
  assert.deepEqual(await dataSoFar(), []);
}

async function boundsData(trial: Trial): Promise<void> {
  const { post, dataSoFar } = await watched(trial);
  const fitting = 'x'.repeat(MAX_DATA_BYTES - 2);
  const problem = await problemOf(
    await post([item('refused'), item(`${fitting}x`)]),
    413,
    'request_too_large',
  );
  assert.equal(problem.field, '1.data');
  assert.equal((await post(item(fitting))).status, 202);
  assert.deepEqual(await dataSoFar(), [fitting]);
}

async function keepsItsTypes(trial: Trial): Promise<void> {
  const { post } = await watched(trial);
  const problem = await problemOf(
    await post(item('x', { type: 'import.completed' })),
    400,
    'invalid_request',
  );
  assert.equal(problem.field, 'type');
}

async function keepsTheOrder(trial: Trial): Promise<void> {
  const { post, dataSoFar } = await watched(trial);
  const batches = [0, 1, 2].map((batch) => Array.from({ length: 40 }, (_, index) => batch * 40 + index));
  for (const batch of batches) await post(batch.map((data) => item(data)));
  assert.deepEqual(await dataSoFar(), batches.flat());
}

async function progressCountsByPlace(trial: Trial): Promise<void> {
  const { watcher, channelId, token, post } = await watched(trial);
  for (const data of ['first', 'second', 'third']) await post(progress('job', data));
  await watcher.until('the newest', () => watcher.received.some(({ data }) => data === 'third'));
  const { snapshot } = await trial.connect().open({ channelId, token });
  assert.deepEqual(
    snapshot.progress.map(({ data }) => data),
    ['third'],
  );
  const versions = watcher.received.map(({ version }) => version ?? -1);
  assert.deepEqual(
    versions,
    versions.toSorted((one, other) => one - other),
  );
}

async function publishesOnce(trial: Trial): Promise<void> {
  const { post, dataSoFar } = await watched(trial);
  const key = { 'Idempotency-Key': `conformance-${Date.now()}` };
  const items = [item('once')];
  const first = await post(items, key);
  const again = await post(items, key);
  assert.deepEqual([first.status, again.status], [202, 202]);
  assert.equal(first.headers.get('idempotent-replayed'), null);
  assert.equal(again.headers.get('idempotent-replayed'), 'true');
  assert.deepEqual(await again.json(), await first.json());
  await problemOf(await post([item('another')], key), 422, 'idempotency_mismatch');
  assert.deepEqual(await dataSoFar(), ['once']);
}

async function hidesChannels(trial: Trial): Promise<void> {
  const { path, token, post } = await watched(trial);
  const asked = (address: string, bearer?: string) =>
    trial.send(address, { method: 'POST', token: bearer, json: item('x') });
  const never = `/channels/${'A'.repeat(36)}/notifications`;
  const unknown = await problemOf(await asked(never, trial.apiKey), 404, 'not_found');
  const listener = await problemOf(await post(item('x'), {}, token), 404, 'not_found');
  assert.deepEqual(listener, unknown);
  await problemOf(await asked(path), 401, 'token_missing');
}

async function publisherTokensAreBounded(trial: Trial): Promise<void> {
  const { channelId, post } = await watched(trial);
  const other = await trial.create();
  const asked = await trial.send('/publisher-tokens', {
    method: 'POST',
    token: trial.apiKey,
    json: { channelId, ttlSeconds: 60 },
  });
  assert.equal(asked.status, 201);
  const { token, expiresAt } = (await asked.json()) as { token: string; expiresAt: string };
  assert(Date.parse(expiresAt) <= Date.now() + 61_000);
  assert.equal((await post(item('mine'), {}, token)).status, 202);
  const elsewhere = `/channels/${other.channelId}/notifications`;
  await problemOf(await trial.send(elsewhere, { method: 'POST', token, json: item('x') }), 404, 'not_found');
  const json = { channelId };
  await problemOf(await trial.send('/publisher-tokens', { method: 'POST', token, json }), 404, 'not_found');
}

const needs = ['api-key'] as const;
export const publishingRules: readonly Rule[] = [
  must('hub.publish.answer', answersWithIds, { needs }),
  must('hub.publish.whole', refusesWhole, { needs }),
  must('hub.publish.size', boundsData, { needs }),
  must('hub.publish.types', keepsItsTypes, { needs }),
  must('hub.publish.order', keepsTheOrder, { needs }),
  must('hub.publish.version', progressCountsByPlace, { needs }),
  must('hub.publish.once', publishesOnce, { needs }),
  must('hub.publish.not-found', hidesChannels, { needs }),
  must('hub.publish.token', publisherTokensAreBounded, { needs }),
];
