import { Registry } from '@tidings/service-kit/process/metrics.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import { expect, test } from 'vitest';
import { MemoryHistory } from '../history/memory-history.ts';
import { createHubMetrics } from '../metrics.ts';
import type { RedisConnections } from '../redis/connections.ts';
import { Clients } from '../sockets/clients.ts';
import { ChannelListeners } from '../sockets/listeners.ts';
import { Continuity } from './continuity.ts';
import { Degradation } from './degradation.ts';

const history = { since: '1970-01-01T00:00:00.000Z', reason: 'history_unavailable' };
const late = { since: '1970-01-01T00:00:00.000Z', reason: 'notifications_late' };
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Collects what one connected client receives; the test takes Redis up and down. */
function start({ isUp = true } = {}) {
  const sent: unknown[] = [];
  const client = { tell: (notice: unknown) => sent.push(notice), drain() {} };
  const clients = new Clients();
  clients.add(client);
  let change: (isUp: boolean) => void = () => undefined;
  const redis = {
    isUp: () => isUp,
    onChange: (listener: typeof change) => {
      change = listener;
      return () => undefined;
    },
  };
  const metrics = createHubMetrics(new Registry());
  const degradation = new Degradation({
    clients,
    listeners: new ChannelListeners(),
    continuity: new Continuity({ history: new MemoryHistory(), metrics, logger: silentLogger }),
    now: () => 0,
    redis: redis as unknown as RedisConnections,
  });
  return {
    sent,
    degradation,
    connect: () => clients.add(client),
    setUp: (to: boolean) => change(to),
  };
}

test('clients have one notice at a time: the more serious one, and its end before the next one', async () => {
  const { sent, degradation, setUp } = start();
  degradation.degrade('notifications_late');
  setUp(false);
  degradation.degrade('history_unavailable');
  expect(sent).toEqual([late, null, history]);
  setUp(true);
  await settled();
  expect(sent.slice(3)).toEqual([null, late]);
  degradation.recover('notifications_late');
  expect(sent.slice(5)).toEqual([null]);
});

test('a client that connects gets the notice that applies, if any', () => {
  const { sent, degradation, connect } = start();
  connect();
  expect(sent).toEqual([]);
  degradation.degrade('notifications_late');
  connect();
  expect(sent).toEqual([late, late]);
});

test('a Redis that is down from the start is a notice, which ends only after the last change', async () => {
  const { sent, connect, setUp } = start({ isUp: false });
  connect();
  expect(sent).toEqual([history, history]);
  setUp(true);
  setUp(false);
  await settled();
  expect(sent).toHaveLength(2);
  setUp(true);
  await settled();
  expect(sent.slice(2)).toEqual([null]);
});
