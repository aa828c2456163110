/**
 * The rules for clients. A client that keeps the rule tries each on this hub, and must end with all that was published. So the trial shows
 * what the rule is for.
 */
import assert from 'node:assert/strict';
import { must, type Rule } from '../rule.ts';
import { item, type Trial } from '../trial.ts';
import type { WireNotification } from '../wire.ts';

async function asksForAnAcknowledgement(trial: Trial): Promise<void> {
  const { channelId, token } = await trial.create();
  const silent = trial.connect();
  silent.socket.emit('channel:open', { channelId, token });
  const asking = trial.connect();
  await asking.open({ channelId, token });
  await trial.publish(channelId, item('heard'));
  await asking.untilDurable(1);
  // The connection answers in order: had the first message opened the channel, its notification would stand before this answer.
  assert.equal((await silent.open(trial.newChannel)).seq, 0);
  assert.deepEqual(silent.received, []);
}

async function comesBackWithItsPosition(trial: Trial): Promise<void> {
  const { channelId, token } = await trial.create();
  const seen: WireNotification[] = [];
  let position: { epoch: string; seq: number } | undefined;
  for (let round = 0; round < 3; round += 1) {
    const client = trial.connect();
    const opened = await client.open({ channelId, token, ...position });
    assert.equal(opened.recovered, round > 0);
    await trial.publish(channelId, [item(`${round} a`), item(`${round} b`)]);
    // From the second round on, what was published while nobody listened comes before.
    await client.untilDurable(round === 0 ? 2 : 3);
    seen.push(...client.durable);
    position = { epoch: opened.epoch, seq: seen.at(-1)?.seq ?? 0 };
    client.socket.io.engine.close();
    await client.until('the loss of the connection', () => client.disconnects === 1);
    await trial.publish(channelId, item(`${round} missed`));
  }
  const expected = ['0 a', '0 b', '0 missed', '1 a', '1 b', '1 missed', '2 a', '2 b'];
  assert.deepEqual(
    seen.map(({ data }) => data),
    expected,
  );
}

async function replacesWhatItKnows(trial: Trial): Promise<void> {
  const { channelId, token } = await trial.create();
  const watcher = trial.connect();
  await watcher.open({ channelId, token });
  await trial.publish(channelId, [item('one'), item('two')]);
  await watcher.untilDurable(2);
  const known = ['of an epoch that is gone'];
  const { recovered, snapshot } = await trial.connect().open({ channelId, token, epoch: 'gone', seq: 1 });
  assert.equal(recovered, false);
  known.splice(0, known.length, ...snapshot.durable.map(({ data }) => String(data)));
  assert.deepEqual(known, ['one', 'two']);
}

async function dropsOlderVersions(trial: Trial): Promise<void> {
  const client = trial.connect();
  const { channelId } = await client.open(trial.newChannel);
  await trial.publish(
    channelId,
    [3, 7, 5].map((version) => item(version, { subject: 'job', version })),
  );
  await client.untilDurable(3);
  let state = { version: -1, data: null as unknown };
  for (const { version = 0, data } of client.durable) if (version >= state.version) state = { version, data };
  assert.deepEqual(state, { version: 7, data: 7 });
  assert.deepEqual(
    client.durable.map(({ version }) => version),
    [3, 7, 5],
    'the hub delivers older ones too',
  );
}

async function opensBeforeTheJob(trial: Trial): Promise<void> {
  const client = trial.connect();
  const { channelId, seq, epoch } = await client.open(trial.newChannel);
  await trial.publish(channelId, item('at once'));
  await client.untilDurable(1);
  assert.deepEqual([client.durable[0]?.seq, client.durable[0]?.epoch], [seq + 1, epoch]);
}

const needs = ['api-key'] as const;
export const clientRules: readonly Rule[] = [
  must('client.open-first', opensBeforeTheJob, { needs }),
  must('client.acknowledgement', asksForAnAcknowledgement, { needs }),
  must('client.position', comesBackWithItsPosition, { needs }),
  must('client.replace', replacesWhatItKnows, { needs }),
  must('client.version', dropsOlderVersions, { needs }),
];
