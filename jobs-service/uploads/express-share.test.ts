import { MAX_RECORD_BYTES } from '@tidings/contracts/limits.ts';
import { EXPRESS_CHUNKS, EXPRESS_CHUNKS_OF_LONG } from '@tidings/contracts/work.ts';
import { expect, test } from 'vitest';
import { EXPRESS_SHARE, ExpressShare, expressChunksOf } from './express-share.ts';

test.each([
  ['a short import', EXPRESS_CHUNKS * MAX_RECORD_BYTES, EXPRESS_CHUNKS],
  ['an import whose upload does not say its length', null, EXPRESS_CHUNKS],
  ['a long import', EXPRESS_CHUNKS * MAX_RECORD_BYTES + 1, EXPRESS_CHUNKS_OF_LONG],
])('the first chunks of %s are express, the others bulk', async (_name, bytes, express) => {
  const share = new ExpressShare();
  const priorities = [];
  for (let chunk = 0; chunk < express + 2; chunk += 1)
    priorities.push(await share.priorityOf('mira', chunk, expressChunksOf(bytes)));
  expect(priorities).toEqual([...Array<string>(express).fill('express'), 'bulk', 'bulk']);
});

test('an owner of ten thousand short imports gets a share of the express lane, and leaves the others theirs', async () => {
  const share = new ExpressShare();
  let express = 0;
  for (let upload = 0; upload < 10_000; upload += 1)
    if ((await share.priorityOf('mira', 0, EXPRESS_CHUNKS)) === 'express') express += 1;
  expect(express).toBeGreaterThanOrEqual(EXPRESS_SHARE.times);
  expect(express).toBeLessThan(10_000);
  expect(await share.priorityOf('jonas', 0, EXPRESS_CHUNKS)).toBe('express');
});
