/** How the hub ends a connection. */
import assert from 'node:assert/strict';
import { must, type Rule } from '../rule.ts';
import type { SocketClient } from '../socket-client.ts';
import { item, type Trial } from '../trial.ts';

/** Milliseconds after which a connection without a channel ends. */
const WITHOUT_CHANNEL_MS = 20_000;
/** Milliseconds in which a client must read something. */
const READING_MS = 5_000;
/** Ten times the messages that are allowed, and some. */
const FLOOD = 1_300;

async function endsIdle(trial: Trial): Promise<void> {
  const client = trial.connect();
  await client.until('a connection', () => client.socket.connected);
  await client.until('the end', () => client.disconnects === 1, WITHOUT_CHANNEL_MS + trial.patienceMs);
  expectNotice(client, 'idle', true);
}

async function endsFlood(trial: Trial): Promise<void> {
  const client = trial.connect();
  await client.open(trial.newChannel);
  for (let message = 0; message < FLOOD; message += 1) client.socket.emit('channel:close', {});
  await client.until('the end', () => client.disconnects === 1);
  expectNotice(client, 'flood', true);
  assert((client.notices[0]?.retryAfterMs ?? 0) > 0, 'a flood must say when to come back');
}

function expectNotice(client: SocketClient, code: string, isRetriable: boolean): void {
  assert.deepEqual(
    client.notices.map((notice) => [notice.code, notice.retriable]),
    [[code, isRetriable]],
  );
  assert(client.notices[0]?.message, 'a notice has a message for people');
}

/** The client takes nothing any more: its connection stays open, but it neither reads nor answers pings. */
async function endsSlowReaders(trial: Trial): Promise<void> {
  const { channelId, token, epoch } = await trial.create();
  const client = trial.connect();
  await client.open({ channelId, token });
  const { ws } = client.socket.io.engine.transport as unknown as {
    ws: { pause(): void; resume(): void };
  };
  ws.pause();
  const text = 'x'.repeat(8_000);
  for (let batch = 0; batch < 5; batch += 1)
    await trial.publish(
      channelId,
      Array.from({ length: 50 }, () => item(text)),
    );
  const other = trial.connect();
  await other.open({ channelId, token, epoch, seq: 0 });
  await other.untilDurable(250);
  await other.until('the time in which it must read', timer(READING_MS * 2), READING_MS * 3);
  ws.resume();
  await client.until('the end', () => client.disconnects === 1);
  for (const { code } of client.notices) assert.equal(code, 'slow');
  const position = client.durable.at(-1)?.seq ?? 0;
  const back = trial.connect();
  assert.equal((await back.open({ channelId, token, epoch, seq: position })).recovered, true);
  await back.untilDurable(250 - position);
  const seqs = [...client.durable, ...back.durable].map(({ seq }) => seq);
  assert.deepEqual(
    seqs,
    Array.from({ length: 250 }, (_, index) => index + 1),
  );
}

/** Returns a condition that holds after so many milliseconds, for a rule that is about time itself. */
function timer(ms: number): () => boolean {
  const end = Date.now() + ms;
  return () => Date.now() >= end;
}

async function revokes(trial: Trial): Promise<void> {
  const owner = `conformance-${Date.now()}`;
  const created = await trial.send('/channels', { method: 'POST', token: trial.apiKey, json: { owner } });
  assert.equal(created.status, 201);
  const { channelId, token } = (await created.json()) as { channelId: string; token: string };
  const client = trial.connect();
  await client.open({ channelId, token });
  const revoked = await trial.send(`/owners/${owner}/tokens`, {
    method: 'DELETE',
    token: trial.hub.supportToken,
  });
  assert.equal(revoked.status, 204);
  await client.until('the end', () => client.disconnects === 1);
  expectNotice(client, 'revoked', false);
  const { code } = await trial.connect().refusal('channel:open', { channelId, token });
  assert.equal(code, 'token_invalid');
}

export const endingRules: readonly Rule[] = [
  must('hub.end.idle', endsIdle),
  must('hub.end.flood', endsFlood),
  must('hub.end.slow', endsSlowReaders, { needs: ['api-key'] }),
  must('hub.end.revoked', revokes, { needs: ['api-key', 'support-token'] }),
];
