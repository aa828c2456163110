import { Registry } from '@tidings/service-kit/process/metrics.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { recordingLogger, silentLogger } from '@tidings/testing/logger.ts';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { ChannelHistory, OpenedHistory } from '../history/channel-history.ts';
import { MemoryHistory } from '../history/memory-history.ts';
import { createHubMetrics } from '../metrics.ts';
import { RedisUnavailableError } from '../redis/errors.ts';
import { ChannelSubscription, type NotificationWriter } from '../sockets/channel-subscription.ts';
import { Continuity } from './continuity.ts';

function start(logger = silentLogger) {
  const answers: ((opened: OpenedHistory) => void)[] = [];
  const history: ChannelHistory = new MemoryHistory();
  history.open = () => new Promise((resolve) => answers.push(resolve));
  const metrics = createHubMetrics(new Registry());
  const continuity = new Continuity({ history, metrics, logger });
  const subscribe = () => new ChannelSubscription('c', {} as NotificationWriter, null, () => undefined);
  const answerAll = () => {
    for (const answer of answers) answer({ epoch: 'e', seq: 0, recovered: true, durable: [], progress: [] });
  };
  return { history, answers, continuity, subscribe, answerAll };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('subscriptions that catch up at once from one position share one read of the history', async () => {
  const { answers, continuity, subscribe, answerAll } = start();
  const catchUps = [continuity.catchUp(subscribe()), continuity.catchUp(subscribe())];
  await turn();
  expect(answers).toHaveLength(1);
  answerAll();
  await Promise.all(catchUps);
});

// The answer under way does not hold what has arrived since.
test('a subscription that comes later has a read of its own', async () => {
  const { answers, continuity, subscribe, answerAll } = start();
  const first = continuity.catchUp(subscribe());
  await turn();
  const second = continuity.catchUp(subscribe());
  await turn();
  expect(answers).toHaveLength(2);
  answerAll();
  await Promise.all([first, second]);
});

// A failure at the client was tried again for ever, each time with a further read of the history, and only a line at debug told of it.
test('what fails at the client ends its connection, and the history is not asked again', async () => {
  const { answers, continuity, answerAll } = start();
  const fail = vi.fn();
  const writer = { fail, isOverfull: () => true } as unknown as NotificationWriter;
  const subscription = new ChannelSubscription('c', writer, null, () => undefined);
  const failure = new Error('no transport');
  vi.spyOn(subscription, 'resume').mockImplementation(() => {
    throw failure;
  });
  const caughtUp = continuity.catchUp(subscription);
  await turn();
  answerAll();
  await caughtUp;
  expect(fail.mock.calls).toEqual([[failure]]);
  expect(answers).toHaveLength(1);
});

// Each waited for its next attempt on the one signal of the hub: Node.js told of a leak, and 20,000 took seconds to compare their listeners.
test('many subscriptions that wait for a history that is away are no leak, and all end with the hub', async () => {
  const warnings: string[] = [];
  const onWarning = ({ name }: Error) => void warnings.push(name);
  process.on('warning', onWarning);
  onTestFinished(() => void process.off('warning', onWarning));
  const { logger, lines } = recordingLogger();
  const { history, continuity, subscribe } = start(logger);
  history.open = () => Promise.reject(new RedisUnavailableError('Redis is down'));
  const catchUps = Array.from({ length: 20 }, () => continuity.catchUp(subscribe()));
  await eventually(() => expect(lines.length).toBeGreaterThanOrEqual(20));
  await turn();
  continuity.stop();
  await Promise.all(catchUps);
  await turn();
  expect(warnings).toEqual([]);
});
