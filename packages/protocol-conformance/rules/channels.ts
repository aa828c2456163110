/** Opening and closing channels. */
import assert from 'node:assert/strict';
import { must, type Rule } from '../rule.ts';
import { item, progress, type Trial } from '../trial.ts';

/** Channels that one connection may open. */
const CHANNELS_OF_A_CONNECTION = 16;
/** The id of a channel in the right form, which no hub has made. */
const NEVER_OPENED = 'A'.repeat(36);

async function answersLongPolling(trial: Trial): Promise<void> {
  const answer = await trial.send('/socket.io/?EIO=4&transport=polling');
  const text = await answer.text();
  if (answer.status === 200) return assert.match(text, /^0\{.*"sid"/);
  assert.equal(answer.status, 400);
  assert.match(text, /polling.*websocket/i);
}

async function opensNew(trial: Trial): Promise<void> {
  const opened = await trial.connect().open(trial.newChannel);
  assert.match(opened.channelId, /^[\w-]{36}$/);
  assert(opened.token.length > 0 && opened.epoch.length > 0);
  const { seq, recovered, snapshot } = opened;
  assert.deepEqual(
    { seq, recovered, snapshot },
    { seq: 0, recovered: false, snapshot: { progress: [], durable: [] } },
  );
}

async function opensKnown(trial: Trial): Promise<void> {
  const { channelId, token } = await trial.create();
  const watcher = trial.connect();
  await watcher.open({ channelId, token });
  await trial.publish(channelId, [item('one'), item('two'), progress('running', 1)]);
  await watcher.until('the progress', () => watcher.received.length === 3);
  const { seq, recovered, snapshot } = await trial.connect().open({ channelId, token });
  assert.deepEqual([seq, recovered], [2, false]);
  assert.deepEqual(snapshot.durable, watcher.durable);
  assert.deepEqual(
    snapshot.progress.map(({ data }) => data),
    [1],
  );
}

async function recovers(trial: Trial): Promise<void> {
  const { channelId, token } = await trial.create();
  const watcher = trial.connect();
  const { epoch } = await watcher.open({ channelId, token });
  await trial.publish(
    channelId,
    ['a', 'b', 'c', 'd'].map((data) => item(data)),
  );
  await watcher.untilDurable(4);
  const back = trial.connect();
  const { recovered, seq, snapshot } = await back.open({ channelId, token, epoch, seq: 2 });
  assert.deepEqual([recovered, seq, snapshot.durable], [true, 4, []]);
  await trial.publish(channelId, item('e'));
  await back.untilDurable(3);
  assert.deepEqual(
    back.durable.map((one) => [one.seq, one.data]),
    [
      [3, 'c'],
      [4, 'd'],
      [5, 'e'],
    ],
  );
}

async function saysWhereItCannotRecover(trial: Trial): Promise<void> {
  const { channelId, token, epoch } = await trial.create();
  const watcher = trial.connect();
  await watcher.open({ channelId, token });
  await trial.publish(channelId, [item('one'), item('two')]);
  await watcher.untilDurable(2);
  for (const position of [
    { epoch: 'another', seq: 1 },
    { epoch, seq: 3 },
  ]) {
    const { recovered, snapshot } = await trial.connect().open({ channelId, token, ...position });
    assert.equal(recovered, false);
    assert.deepEqual(
      snapshot.durable.map(({ data }) => data),
      ['one', 'two'],
    );
  }
}

async function refusesHalfOfAPosition(trial: Trial): Promise<void> {
  const { channelId, token, epoch } = await trial.create();
  const client = trial.connect();
  for (const half of [{ epoch }, { seq: 0 }]) {
    const { code } = await client.refusal('channel:open', { channelId, token, ...half });
    assert.equal(code, 'invalid_request');
  }
  await client.open({ channelId, token });
}

async function hidesOthersChannels(trial: Trial): Promise<void> {
  const [mine, others] = [await trial.create(), await trial.create()];
  const client = trial.connect();
  const refusals = [];
  for (const channelId of [others.channelId, NEVER_OPENED, 'support'])
    refusals.push(await client.refusal('channel:open', { channelId, token: mine.token }));
  assert.deepEqual(refusals[1], refusals[0]);
  assert.deepEqual(refusals[2], refusals[0]);
  assert.deepEqual([refusals[0]?.code, refusals[0]?.retriable], ['not_found', false]);
}

async function refusesForgedTokens(trial: Trial): Promise<void> {
  const { channelId, token } = await trial.create();
  const signature = token.split('.').at(-1) ?? '';
  const forged = token.replace(signature, signature.split('').reverse().join(''));
  const { code, retriable } = await trial.connect().refusal('channel:open', { channelId, token: forged });
  assert.deepEqual([code, retriable], ['token_invalid', false]);
}

async function refusesNonsense(trial: Trial): Promise<void> {
  const client = trial.connect();
  for (const nonsense of [null, 'open', 7, [], { channelId: 1, token: 2 }, { channelId: 'x' }])
    assert.equal((await client.refusal('channel:open', nonsense)).code, 'invalid_request');
  assert.equal((await client.refusal('channel:close', {})).code, 'invalid_request');
  assert.equal((await client.refusal('channel:open')).code, 'invalid_request');
  await client.open(trial.newChannel);
}

async function boundsChannels(trial: Trial): Promise<void> {
  const client = trial.connect();
  const channels = [];
  for (let opened = 0; opened < CHANNELS_OF_A_CONNECTION; opened += 1)
    channels.push(await client.open(trial.newChannel));
  const [first] = channels;
  assert.equal(new Set(channels.map(({ channelId }) => channelId)).size, CHANNELS_OF_A_CONNECTION);
  assert.equal((await client.refusal('channel:open', trial.newChannel)).code, 'invalid_request');
  await client.ask('channel:close', { channelId: first?.channelId });
  await client.open(trial.newChannel);
}

async function opensByHttp(trial: Trial): Promise<void> {
  const { channelId, token, epoch, seq } = await trial.create();
  assert.equal(seq, 0);
  const opened = await trial.connect().open({ channelId, token, epoch, seq });
  assert.deepEqual([opened.epoch, opened.recovered], [epoch, true]);
}

async function closesOne(trial: Trial): Promise<void> {
  const client = trial.connect();
  const [kept, left] = [await client.open(trial.newChannel), await client.open(trial.newChannel)];
  for (const channelId of [left.channelId, left.channelId, NEVER_OPENED])
    assert.deepEqual(await client.ask('channel:close', { channelId }), { channelId });
  const other = trial.connect();
  await other.open({ channelId: left.channelId, token: left.token });
  await trial.publish(left.channelId, item('unheard'));
  await other.untilDurable(1);
  await trial.publish(kept.channelId, item('heard'));
  await client.untilDurable(1);
  assert.deepEqual(
    client.received.map(({ data }) => data),
    ['heard'],
  );
}

export const channelRules: readonly Rule[] = [
  must('hub.transport', answersLongPolling),
  must('hub.open.new', opensNew),
  must('hub.open.known', opensKnown, { needs: ['api-key'] }),
  must('hub.open.position', recovers, { needs: ['api-key'] }),
  must('hub.open.not-recovered', saysWhereItCannotRecover, { needs: ['api-key'] }),
  must('hub.open.half-position', refusesHalfOfAPosition),
  must('hub.open.not-found', hidesOthersChannels),
  must('hub.open.forged', refusesForgedTokens),
  must('hub.open.invalid', refusesNonsense),
  must('hub.open.bound', boundsChannels),
  must('hub.open.http', opensByHttp),
  must('hub.close', closesOne, { needs: ['api-key'] }),
];
