import { applyRows, newImport, validRow } from '@tidings/contact-store/conformance/test/test-imports.ts';
import { createLogger } from '@tidings/service-kit/process/logging.ts';
import { createRegistry } from '@tidings/service-kit/process/metrics.ts';
import { shareContactStore } from '@tidings/testing/contact-store.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startIndexing } from './start-indexing.ts';

const contactStore = shareContactStore();
const logger = createLogger('test', 'silent');

test('contacts are indexed after they were written, and the lag is told', async () => {
  const run = newImport();
  await applyRows(contactStore(), run, 0, validRow(0, 'anna@example.org', { lastName: 'Müller' }));
  const names = { owner: run.owner, order: 'name', limit: 10 } as const;
  expect(await contactStore().listContacts(names)).toMatchObject({ items: [], total: 1, unsorted: 1 });
  const registry = createRegistry({ processMetrics: false });
  const indexing = startIndexing({ contactStore: contactStore(), logger, registry, times: { idleMs: 1 } });
  onTestFinished(() => indexing.stop());
  await eventually(async () =>
    expect(await contactStore().listContacts(names)).toMatchObject({
      items: [{ email: 'anna@example.org' }],
      unsorted: 0,
    }),
  );
  await eventually(async () =>
    expect(await registry.metrics()).toMatch(/^tidings_jobs_service_unindexed_contacts 0$/m),
  );
});

test('a batch that fails is tried again, and one that stops is the last', async () => {
  let calls = 0;
  const failing = {
    async indexContacts() {
      calls += 1;
      if (calls < 3) throw new Error('away');
      return { indexed: 0, waiting: 0, oldestMs: 0, tookMs: 0 };
    },
  };
  const registry = createRegistry({ processMetrics: false });
  const indexing = startIndexing({ contactStore: failing, logger, registry, times: { idleMs: 1 } });
  await eventually(() => expect(calls).toBeGreaterThan(3));
  await indexing.stop();
  const last = calls;
  await new Promise((resolve) => setImmediate(resolve));
  expect(calls).toBe(last);
});

// Every jobs service asked the database twice a second for ever.
test('without work the questions become rare, and an import that goes on ends the wait', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  let calls = 0;
  const idle = {
    async indexContacts() {
      calls += 1;
      return { indexed: 0, waiting: 0, oldestMs: 0, tookMs: 0 };
    },
  };
  let wake = (): void => undefined;
  const indexing = startIndexing({
    ...{ contactStore: idle, logger, registry: createRegistry({ processMetrics: false }) },
    onWork: (given) => {
      wake = given;
      return () => undefined;
    },
  });
  onTestFinished(() => indexing.stop());
  const callsWithin = async (milliseconds: number): Promise<number> => {
    const before = calls;
    await vi.advanceTimersByTimeAsync(milliseconds);
    return calls - before;
  };
  // After 0.5, 1, 2, 4, 8, 16 and 32 s, then after each minute.
  expect(await callsWithin(64_000)).toBe(7);
  expect(await callsWithin(600_000)).toBe(10);
  wake();
  expect(await callsWithin(1)).toBe(1);
  expect(await callsWithin(1_500)).toBe(2);
});

// On one machine a batch waits for its turn behind chunks: the pause after the batch was nine times that wait.
test('the rest after a batch is as long as the batch, and not as its wait for a turn', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  let calls = 0;
  const behindOthers = {
    async indexContacts() {
      calls += 1;
      await new Promise((resolve) => setTimeout(resolve, 60_000));
      return { indexed: 1, waiting: calls, oldestMs: 0, tookMs: 10 };
    },
  };
  const registry = createRegistry({ processMetrics: false });
  const indexing = startIndexing({ contactStore: behindOthers, logger, registry });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(calls).toBe(1);
  await vi.advanceTimersByTimeAsync(19 * 10);
  expect(calls).toBe(2);
  const stopped = indexing.stop();
  await vi.advanceTimersByTimeAsync(60_000);
  await stopped;
});
