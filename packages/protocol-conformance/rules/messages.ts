/** Bounds of what a client sends by its socket. */
import assert from 'node:assert/strict';
import { must, type Rule } from '../rule.ts';
import type { Trial } from '../trial.ts';

/** Messages a minute of one connection. */
const MESSAGES_A_MINUTE = 120;

async function answersUnknownMessages(trial: Trial): Promise<void> {
  const client = trial.connect();
  client.socket.emit('no:such-message', {});
  const { code } = await client.refusal('no:such-message', {});
  assert.equal(code, 'invalid_request');
  await client.open(trial.newChannel);
}

async function boundsMessages(trial: Trial): Promise<void> {
  const client = trial.connect();
  await client.open(trial.newChannel);
  client.socket.emit('channel:close', { channelId: 'x'.repeat(16 * 1024) });
  await client.until('the end of the connection', () => client.disconnects === 1);
}

async function limitsTheRate(trial: Trial): Promise<void> {
  const client = trial.connect();
  const { channelId } = await client.open(trial.newChannel);
  for (let message = 1; message < MESSAGES_A_MINUTE; message += 1)
    assert.deepEqual(await client.ask('channel:close', { channelId: 'none' }), { channelId: 'none' });
  const { code, retriable } = await client.refusal('channel:close', { channelId });
  assert.deepEqual([code, retriable], ['rate_limited', true]);
}

export const messageRules: readonly Rule[] = [
  must('hub.message.unknown', answersUnknownMessages),
  must('hub.message.size', boundsMessages),
  must('hub.message.rate', limitsTheRate),
];
