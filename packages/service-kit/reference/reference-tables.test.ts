import { topics } from '@tidings/contracts/topics.ts';
import { openTestLog } from '@tidings/testing/log.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import { expect, test, vi } from 'vitest';
import { openReferenceTables } from './reference-tables.ts';

// The countries were followed for as long as the process ran, and nobody could end that.
test('where the time zones cannot be read, the countries are followed no longer', async () => {
  const log = await openTestLog();
  const { endOffsets, read } = log;
  vi.spyOn(log, 'endOffsets').mockImplementation(async (topic) => {
    if (topic === topics.timeZones) throw new Error('no time zones');
    return endOffsets.call(log, topic);
  });
  const ends: unknown[] = [];
  vi.spyOn(log, 'read').mockImplementation((options) => {
    const reader = read.call(log, options)[Symbol.asyncIterator]();
    if (options.follow === true) ends.push(vi.spyOn(reader, 'return'));
    return { [Symbol.asyncIterator]: () => reader };
  });
  await expect(openReferenceTables(log, silentLogger)).rejects.toThrow('no time zones');
  expect(ends).toHaveLength(1);
  expect(ends[0]).toHaveBeenCalled();
});
