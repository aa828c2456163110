import { EXPRESS_CHUNKS } from '@tidings/contracts/work.ts';
import { expect, test } from 'vitest';
import { EXPRESS_SHARE, ExpressShare } from './express-share.ts';

test('the first chunks of an import are express, the others bulk', async () => {
  const share = new ExpressShare();
  const priorities = [];
  for (let chunk = 0; chunk < EXPRESS_CHUNKS + 2; chunk += 1)
    priorities.push(await share.priorityOf('mira', chunk));
  expect(priorities).toEqual([...Array<string>(EXPRESS_CHUNKS).fill('express'), 'bulk', 'bulk']);
});

test('an owner of ten thousand short imports gets a share of the express lane, and leaves the others theirs', async () => {
  const share = new ExpressShare();
  let express = 0;
  for (let upload = 0; upload < 10_000; upload += 1)
    if ((await share.priorityOf('mira', 0)) === 'express') express += 1;
  expect(express).toBeGreaterThanOrEqual(EXPRESS_SHARE.times);
  expect(express).toBeLessThan(10_000);
  expect(await share.priorityOf('jonas', 0)).toBe('express');
});
