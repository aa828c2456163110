import { requestTopics } from '@tidings/contracts/topics.ts';
import { encodeRequest } from '@tidings/event-log/request-reply/request-records.ts';
import { requestGroup } from '@tidings/event-log/request-reply/serve-requests.ts';
import { encodeDeadLetter } from '@tidings/event-log/retry/retry-headers.ts';
import { deadLetterTopic } from '@tidings/event-log/retry/topic-names.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { openTestLog, readAll } from '@tidings/testing/log.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import { expect, onTestFinished, test } from 'vitest';
import { obeyOrders } from '../orders/obey-orders.ts';
import { Orders } from '../orders/orders.ts';
import { reports } from '../test/request-server.ts';
import { ensureRequestTopics } from './request-door.ts';
import { readRequestSettings } from './request-settings.ts';

const support = { who: 'support', reason: 'a test' } as const;

/** Two dead letters of a service, one of each owner. */
async function start() {
  const log = await openTestLog({ partitions: 1 });
  const settings = readRequestSettings(JSON.stringify({ services: reports }));
  await ensureRequestTopics(log, settings);
  const group = requestGroup('reports', 'normal');
  const topic = requestTopics.normal;
  for (const [offset, owner] of ['mira', 'ada'].entries()) {
    const asked = {
      service: 'reports',
      method: 'list',
      deadline: 1,
      replyTo: 'x',
      body: new Uint8Array([offset]),
    };
    const {
      key,
      value,
      headers = {},
    } = encodeRequest(topic, { ...asked, requestId: `r-${owner}`, headers: { owner } });
    const about = { group, origin: { topic, partition: 0, offset }, attempts: 3, failedAt: 1_000_000 };
    const error = { code: 'lease_ended', message: 'x' };
    await log.append([
      encodeDeadLetter(deadLetterTopic(topic, group), { ...about, key, value, headers, error }),
    ]);
  }
  const orders = new Orders(log, silentLogger, settings.keys());
  const obeying = await obeyOrders({
    ...{ log, logger: silentLogger, retentionDays: 30, services: settings.keys() },
    foldedImports: { get: () => undefined, waitFor: async () => false },
    contactStore: { getImport: async () => null },
  });
  onTestFinished(() => obeying.stop());
  const keys = async () => (await orders.deadLetters()).map(({ key }) => key).sort();
  return { log, orders, keys };
}

test('a request that was given up goes back to its lane, or is skipped, where support orders that', async () => {
  const { log, orders, keys } = await start();
  expect(await keys()).toEqual(['r-ada', 'r-mira']);
  await orders.orderLetters('requeue', await orders.lettersOf('mira'), support);
  await eventually(async () => expect(await keys()).toEqual(['r-ada']));
  const again = (await readAll(log, requestTopics.normal)).map(({ key, headers }) => [key, headers.owner]);
  expect(again).toEqual([['r-mira', 'mira']]);
  await orders.orderLetters('skip', await orders.lettersOf('ada'), support);
  await eventually(async () => expect(await keys()).toEqual([]));
});

test('the dead letters of an owner go with the owner', async () => {
  const { orders, keys } = await start();
  expect(await orders.skipOwner('mira', support, 20_000)).toEqual({ skipped: 1, left: 0 });
  expect(await keys()).toEqual(['r-ada']);
});
