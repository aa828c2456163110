import { closingNotice } from '@tidings/contracts/notifications/closing.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { openTestLog } from '@tidings/testing/log.ts';
import { publish, startHub } from '@tidings/testing/services/hub.ts';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { ChannelState } from '../index.ts';
import { follow, open } from '../test/listening.ts';
import { startScriptedHub } from '../test/scripted-hub.ts';

describe('a degraded hub', () => {
  const notice = { since: '2026-01-01T00:00:00.000Z', reason: 'history_unavailable' } as const;

  test('is reported as long as it lasts and a connection to it stands', async () => {
    const hub = await startScriptedHub();
    const channel = open({ url: hub.url, random: () => 0 });
    const reported: unknown[] = [];
    channel.onDegraded((degraded) => reported.push(degraded));
    await channel.ready();
    hub.server.emit('hub:degraded', notice);
    await eventually(() => expect(channel.degraded).toEqual(notice));
    hub.server.emit('hub:recovered');
    await eventually(() => expect(channel.degraded).toBeNull());
    hub.server.emit('hub:degraded', notice);
    await eventually(() => expect(reported).toEqual([notice, null, notice]));
    for (const socket of hub.server.sockets.sockets.values()) socket.conn.close();
    await eventually(() => expect(reported).toEqual([notice, null, notice, null]));
    await channel.ready();
    expect(channel).toMatchObject({ state: 'live', degraded: null });
  });

  test('is asked again after its recovery, without the pause that has grown meanwhile', async () => {
    const hub = await startScriptedHub();
    hub.server.on('connection', (socket) => socket.emit('hub:degraded', notice));
    hub.refuse(true);
    const randoms = [0, 0, 0, 0, 0, 0.999];
    let draws = 0;
    const random = () => {
      draws += 1;
      return randoms.shift() ?? 0;
    };
    const channel = open({ url: hub.url, random });
    const reported: [unknown, ChannelState][] = [];
    channel.onDegraded((degraded) => reported.push([degraded, channel.state]));
    await eventually(() => expect(randoms).toEqual([]));
    hub.refuse(false);
    hub.server.emit('hub:recovered');
    await channel.ready();
    expect(hub.requests).toHaveLength(7);
    // Six for the pauses after refusals, and one for a moment soon after the recovery.
    expect(draws).toBe(7);
    expect(reported).toEqual([
      [notice, 'connecting'],
      [null, 'live'],
    ]);
  });
});

test('a channel that is closed at once connects to nothing', async () => {
  const hub = await startScriptedHub();
  let connections = 0;
  hub.server.on('connection', () => {
    connections += 1;
  });
  open({ url: hub.url }).close();
  await open({ url: hub.url }).ready();
  expect(connections).toBe(1);
});

describe('reconnecting', () => {
  test('comes back after a server has drained and started again', async () => {
    const log = await openTestLog();
    const first = await startHub({ log, limits: { drainRetryMs: 50 } });
    const channel = open({ url: first.url });
    const known = follow(channel);
    const states: ChannelState[] = [];
    channel.onState((state) => states.push(state));
    const { channelId } = await channel.ready();
    await publish(log, { channelId, data: 1 });
    await eventually(() => expect(known.durable).toEqual([1]));
    await first.stop();
    await publish(log, { channelId, data: 2 });
    await startHub({ log, port: first.port });
    await eventually(() => expect(known).toMatchObject({ durable: [1, 2], snapshots: 2 }));
    expect(states).toEqual(['live', 'draining', 'live']);
  });

  test('waits for a server that is not there yet', async () => {
    const log = await openTestLog();
    const first = await startHub({ log });
    await first.stop();
    const channel = open({ url: first.url });
    await startHub({ log, port: first.port });
    await channel.ready();
  });
});

// Socket.IO kept the opening that found the connection dead, and sent it before that of the new connection.
test('a channel is opened once where its connection has ended unnoticed, as in a sleep of the machine', async () => {
  const hub = await startScriptedHub();
  const channel = open({ url: hub.url, random: () => 0 });
  await channel.ready();
  hub.send(1);
  await eventually(() => expect(channel.position?.seq).toBe(1));
  const awake = Date.now;
  const clock = vi.spyOn(Date, 'now').mockImplementation(() => awake() + 3_600_000);
  onTestFinished(() => clock.mockRestore());
  // A gap, for which the client opens its channel again.
  hub.send(3);
  for (const last of [4, 5]) {
    await eventually(() => expect([channel.state, channel.position?.seq]).toEqual(['live', last]));
    hub.send(last + 1);
  }
  expect(hub.requests).toEqual([
    { epoch: undefined, seq: undefined },
    { epoch: 'e', seq: 1 },
  ]);
});

describe('a hub that ends the connection', () => {
  test.each([
    ['token_expired', 'token_expired'],
    ['revoked', 'token_invalid'],
  ] as const)(
    'for %s closes the channel with the reason, and the client does not come back',
    async (code, error) => {
      const hub = await startScriptedHub();
      let connections = 0;
      hub.server.on('connection', () => {
        connections += 1;
      });
      const channel = open({ url: hub.url, random: () => 0 });
      await channel.ready();
      hub.server.emit('server:closing', closingNotice(code));
      await eventually(() => expect(channel.state).toBe('closed'));
      expect(channel.error).toMatchObject({ code: error, retriable: false });
      await eventually(() => expect(hub.server.sockets.sockets.size).toBe(0));
      expect(connections).toBe(1);
    },
  );

  test.each(['slow', 'behind', 'idle'] as const)(
    'for %s is told, and continued from the position',
    async (code) => {
      const hub = await startScriptedHub();
      const channel = open({ url: hub.url, random: () => 0 });
      await channel.ready();
      hub.send(1);
      await eventually(() => expect(channel.position?.seq).toBe(1));
      const told: unknown[] = [];
      channel.onState((state, error) => told.push([state, error?.code]));
      hub.server.emit('server:closing', closingNotice(code));
      for (const socket of hub.server.sockets.sockets.values()) socket.conn.close();
      await eventually(() => expect([channel.state, channel.position?.seq]).toEqual(['live', 4]));
      expect(hub.requests).toEqual([
        { epoch: undefined, seq: undefined },
        { epoch: 'e', seq: 1 },
      ]);
      expect(told).toEqual([
        ['reconnecting', code],
        ['live', undefined],
      ]);
    },
  );

  test('is left alone for a part of the time that it asks for', async () => {
    const hub = await startScriptedHub();
    let random = 0;
    const asked = open({ url: hub.url, random: () => random });
    await asked.ready();
    random = 0.999;
    hub.server.emit('server:closing', closingNotice('flood'));
    for (const socket of hub.server.sockets.sockets.values()) socket.conn.close();
    await eventually(() => expect(asked.state).toBe('reconnecting'));
    const other = open({ url: hub.url, random: () => 0 });
    await other.ready();
    hub.send(1);
    await eventually(() => expect(other.position?.seq).toBe(1));
    // Ten pauses of 50 ms at least, where `asked` would come back after 350 ms by itself.
    for (let number = 1; number <= 10; number += 1) {
      for (const socket of hub.server.sockets.sockets.values()) socket.conn.close();
      await eventually(() => expect([other.state, hub.requests.length]).toEqual(['live', 2 + number]));
    }
    expect(asked.state).toBe('reconnecting');
  });
});
