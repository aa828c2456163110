import { eventually } from '@tidings/testing/eventually.ts';
import { temporaryFolder } from '@tidings/testing/temporary-folder.ts';
import { expect, it, onTestFinished } from 'vitest';
import { openEmbeddedLog } from '../embedded/embedded-log.ts';
import { openScheduleLoad } from './schedule-load.ts';

it('counts what waits and its bytes, from the start and live', async () => {
  const log = await openEmbeddedLog({ directory: await temporaryFolder() });
  onTestFinished(() => log.close());
  await log.ensureTopics([{ name: 'schedule', partitions: 1, cleanup: 'compact' }]);
  const put = (key: string, bytes: number | null) =>
    log.append([{ topic: 'schedule', key, value: bytes === null ? null : new Uint8Array(bytes) }]);
  await put('a', 100);
  await put('b', 10);
  const load = await openScheduleLoad({ log, scheduleTopic: 'schedule' });
  onTestFinished(() => load.close());
  expect([load.schedules, load.bytes]).toEqual([2, 110]);
  await put('a', 50);
  await put('c', 1);
  await put('b', null);
  await eventually(() => expect([load.schedules, load.bytes]).toEqual([2, 51]));
});
