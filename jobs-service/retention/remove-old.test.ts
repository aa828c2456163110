import type { RemovedRows } from '@tidings/contact-store/kept-rows.ts';
import { topics } from '@tidings/contracts/topics.ts';
import { createRegistry } from '@tidings/service-kit/process/metrics.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { openTestLog } from '@tidings/testing/log.ts';
import { recordingLogger } from '@tidings/testing/logger.ts';
import { expect, onTestFinished, test } from 'vitest';
import { isTooOld, type RetentionParts, startRetention } from './remove-old.ts';

const nothing: RemovedRows = { contacts: 0, changes: 0, rejectedRows: 0, chunks: 0, gates: 0, imports: 0 };
const NOW = Date.parse('2026-11-28T12:00:00.000Z');

/** Delivers a run to it, as the schedule does. */
async function start(contactStore: RetentionParts['contactStore'], stretchMs = 60_000) {
  const registry = createRegistry({ processMetrics: false });
  const { logger, lines } = recordingLogger();
  const times = { pauseMs: 1, stretchMs, now: () => NOW };
  const log = await openTestLog();
  const retention = await startRetention({ log, contactStore, logger, registry, retentionDays: 30, times });
  onTestFinished(() => retention.stop());
  await log.append([{ topic: topics.retentionRuns, key: 'retention', value: Buffer.from('{}') }]);
  return { registry, lines, retention };
}

test('removes step by step what ended a day before the time, and tells how much', async () => {
  const steps: (RemovedRows | null)[] = [
    { ...nothing, changes: 2_000 },
    { ...nothing, changes: 12, gates: 1, imports: 1 },
  ];
  const asked: unknown[] = [];
  const { registry, lines } = await start({
    removeOldDetails: async (options) => {
      asked.push(options);
      return steps.shift() ?? nothing;
    },
    estimateKeptRows: async () => ({ ...nothing, contacts: 7_000 }),
    reclaimSpace: async () => ['contact_changes'],
  });
  await eventually(async () => {
    const metrics = await registry.metrics();
    expect(metrics).toContain('tidings_jobs_service_removed_rows_total{kind="changes"} 2012');
    expect(metrics).toContain('tidings_jobs_service_kept_rows{kind="contacts"} 7000');
  });
  expect(asked[0]).toEqual({ endedBefore: '2026-10-28T12:00:00.000Z', limit: 2_000 });
  expect(lines.filter((line) => line.includes('details of old imports removed'))).toHaveLength(1);
  await eventually(() => expect(lines.some((line) => line.includes('contact_changes'))).toBe(true));
});

test('leaves the work to another process that is at it, and goes on after an outage', async () => {
  let calls = 0;
  const { lines } = await start({
    removeOldDetails: async () => {
      calls += 1;
      if (calls === 1) throw new Error('away');
      return null;
    },
    estimateKeptRows: async () => nothing,
    reclaimSpace: async () => [],
  });
  await eventually(() => expect(calls).toBe(2));
  expect(lines.filter((line) => line.includes('details of old imports not removed'))).toHaveLength(1);
});

test('works in stretches, so that a service that stops or gives its partition up is not waited for', async () => {
  let left = 5;
  let reclaimed = 0;
  await start(
    {
      removeOldDetails: async () => {
        left -= 1;
        return left < 0 ? nothing : { ...nothing, changes: 2_000 };
      },
      estimateKeptRows: async () => nothing,
      reclaimSpace: async () => {
        reclaimed += 1;
        return [];
      },
    },
    1,
  );
  await eventually(() => expect(reclaimed).toBe(1));
  expect(left).toBeLessThan(0);
});

test('an import is too old for an undo once its days are over', () => {
  expect(isTooOld('2026-10-29T11:59:59.000Z', 30, NOW)).toBe(true);
  expect(isTooOld('2026-10-29T12:00:01.000Z', 30, NOW)).toBe(false);
  expect(isTooOld(null, 30, NOW)).toBe(false);
});
