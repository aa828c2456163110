import { workPlaces } from '@tidings/contracts/topics.ts';
import { Registry } from '@tidings/service-kit/process/metrics.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { openTestLog } from '@tidings/testing/log.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import { expect, onTestFinished, test } from 'vitest';
import { createMetrics } from '../metrics.ts';
import { watchUnreadAge } from './unread-age.ts';

test('each topic of work tells how long its oldest chunk has waited, also of those that wait for a further attempt', async () => {
  const log = await openTestLog();
  const metrics = createMetrics(new Registry());
  onTestFinished(watchUnreadAge({ log, logger: silentLogger, metrics, everyMs: 5 }));
  const waits = async () =>
    Object.fromEntries(
      (await metrics.oldestUnread.get()).values.map(({ labels, value }) => [String(labels.topic), value > 0]),
    );
  const none = Object.fromEntries(workPlaces.map(({ topic }) => [topic, false]));
  await eventually(async () => expect(await waits()).toEqual(none));
  for (const [place, { topic, group }] of workPlaces.entries()) {
    await log.append([{ topic, key: `import:${place}`, value: new Uint8Array(1) }]);
    await eventually(async () => expect(await waits()).toEqual({ ...none, [topic]: true }));
    const consumer = await log.consume({ group, topics: [topic], handler: async () => undefined });
    await eventually(async () => expect(await waits()).toEqual(none));
    await consumer.stop();
  }
});
