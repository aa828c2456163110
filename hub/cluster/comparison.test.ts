import { Registry } from '@tidings/service-kit/process/metrics.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import { expect, test, vi } from 'vitest';
import { MemoryHistory } from '../history/memory-history.ts';
import { createHubMetrics } from '../metrics.ts';
import { ChannelSubscription } from '../sockets/channel-subscription.ts';
import { ChannelListeners } from '../sockets/listeners.ts';
import { at, recorded } from '../test/history-conformance.ts';
import { Comparison } from './comparison.ts';
import { Continuity } from './continuity.ts';

function start() {
  const history = new MemoryHistory({ now: () => 0 });
  const listeners = new ChannelListeners();
  const logger = silentLogger;
  const continuity = new Continuity({ history, metrics: createHubMetrics(new Registry()), logger });
  const comparison = new Comparison({ history, listeners, continuity, limits: { comparisonMs: 1 }, logger });
  const listen = async (channelId: string) => {
    const written: (number | undefined)[] = [];
    const ended: string[] = [];
    const writer = {
      limits: { backlogPackets: 10, waitingSubjects: 10 },
      metrics: createHubMetrics(new Registry()),
      isClosed: false,
      write: ({ seq }: { seq?: number }) => void written.push(seq),
      cork: () => undefined,
      uncork: () => undefined,
      writeToken: () => undefined,
      isDrained: () => true,
      isOverfull: () => false,
      flushWhenDrained: () => undefined,
      whenDrained: () => undefined,
      disconnect: (code: string) => void ended.push(code),
      fail: () => undefined,
    };
    const subscription = new ChannelSubscription(channelId, writer, null, () => undefined);
    listeners.add(subscription);
    subscription.complete(() => undefined, await history.open(channelId, null));
    return { subscription, written, ended };
  };
  return { history, listeners, comparison, continuity, listen };
}

test('a channel that lacks its last notification gets it; others are left alone', async () => {
  const { history, comparison, listen } = start();
  const [lacking, current] = [await listen('a'), await listen('b')];
  await history.append('a', at(1), recorded());
  const appended = await history.append('b', at(2), recorded());
  if (appended !== null) current.subscription.send(appended.notification);
  const open = vi.spyOn(history, 'open');
  await comparison.compare();
  await eventually(() => expect(lacking.written).toEqual([1]));
  expect(current.written).toEqual([1]);
  expect(open.mock.calls.map(([channelId]) => channelId)).toEqual(['a']);
});

test('what arrives soon after it stands in the history is not missing', async () => {
  const { history, comparison, listen } = start();
  const { subscription, written } = await listen('a');
  const appended = await history.append('a', at(1), recorded());
  const open = vi.spyOn(history, 'open');
  const comparing = comparison.compare();
  if (appended !== null) subscription.send(appended.notification);
  await comparing;
  expect(written).toEqual([1]);
  expect(open).not.toHaveBeenCalled();
});

test('of more channels than one request compares, each that lacks something gets it', async () => {
  const { history, comparison, listen } = start();
  const channels: Awaited<ReturnType<typeof listen>>[] = [];
  for (let number = 0; number < 1_201; number += 1) channels.push(await listen(`channel-${number}`));
  const lacking = [0, 499, 500, 1_200];
  for (const number of lacking) await history.append(`channel-${number}`, at(number), recorded());
  await comparison.compare();
  for (const number of lacking) await eventually(() => expect(channels[number]?.written).toEqual([1]));
  expect(channels.filter(({ written }) => written.length > 0)).toHaveLength(lacking.length);
});

test('where the history does not know the channel any more, the client is told to open it again', async () => {
  const { history, comparison, listen } = start();
  const { ended } = await listen('a');
  vi.spyOn(history, 'positionsOf').mockResolvedValue([null]);
  vi.spyOn(history, 'open').mockResolvedValue({
    epoch: 'another',
    seq: 0,
    recovered: false,
    durable: [],
    progress: [],
  });
  await comparison.compare();
  await eventually(() => expect(ended).toEqual(['behind']));
});
