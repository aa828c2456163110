import { type ContactStore, ContactStoreError } from '@tidings/contact-store/contact-store.ts';
import { openEmbeddedContactStore } from '@tidings/contact-store/open-contact-store.ts';
import type { FoldedImport } from '@tidings/contracts/folded-import.ts';
import { noRows } from '@tidings/contracts/import.ts';
import { decodeEvent } from '@tidings/contracts/schemas/event.ts';
import { consumerGroups, topics } from '@tidings/contracts/topics.ts';
import { createRegistry } from '@tidings/service-kit/process/metrics.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { pino } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import { expect, onTestFinished, test } from 'vitest';
import { startFaultyLog } from '../test/faulty-log.ts';
import { followFoldedImports } from './folded-from-log.ts';
import { ImportReader } from './import-reader.ts';
import { type ProjectionParts, startProjection } from './project-from-log.ts';

const FAILURES = 'tidings_jobs_service_projection_failures_total';

/** Compared already, unless said otherwise. */
function endedImport(owner: string, reconciled: boolean | null = true): FoldedImport {
  const [importId, uploadId] = [uuidv7(), uuidv7()];
  const rows = noRows();
  return {
    owner,
    uploadId,
    cause: { eventId: importId, correlationId: importId, traceparent: '' },
    totals: rows,
    reportedChunks: '',
    expectedChunks: '',
    samples: [],
    state: {
      ...{
        importId,
        channelId: 'channel',
        version: 1,
        status: 'completed',
        upload: 'sealed',
        uploadError: null,
      },
      ...{ fileName: 'a.csv', clientReference: null, rows: { total: 0, ...rows } },
      ...{ chunks: { total: 0, completed: 0, failed: 0 }, bytes: 10, rowsPerSecond: 0 },
      ...{
        acceptedAt: new Date().toISOString(),
        sealedAt: null,
        endedAt: null,
        reconciled,
      },
    },
  };
}

async function startStore() {
  const store = await openEmbeddedContactStore('memory');
  onTestFinished(() => store.close());
  return store;
}

/** One partition, so that each stands behind all before it. */
async function startLog() {
  const { log } = await startFaultyLog();
  const put = (key: string, text: string) =>
    log.append([{ topic: topics.state, key, value: new TextEncoder().encode(text) }]);
  const keep = (stored: FoldedImport) => put(stored.state.importId, JSON.stringify(stored));
  return { log, put, keep };
}

async function startTestProjection(parts: Pick<ProjectionParts, 'log' | 'contactStore'>) {
  const lines: string[] = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const registry = createRegistry({ processMetrics: false });
  const projection = await startProjection({ ...parts, logger, registry });
  onTestFinished(() => projection.stop());
  const failures = async () => (await registry.getSingleMetric(FAILURES)?.get())?.values[0]?.value;
  return { lines, logger, failures };
}

// A user token whose `sub` held a NUL stopped the ends of everybody else's imports for good.
test('an end that the store refuses holds up nobody, is told, and stays visible to its owner', async () => {
  const store = await startStore();
  const { log, put, keep } = await startLog();
  const refused = endedImport('canary-4711\0');
  const others = Array.from({ length: 8 }, (_, number) => endedImport(`owner-${number}`));
  await put('no-import', 'no JSON {');
  await put(uuidv7(), JSON.stringify({ owner: 'x' }));
  await keep(refused);
  for (const other of others) await keep(other);
  const { lines, logger, failures } = await startTestProjection({ log, contactStore: store });
  await eventually(async () => {
    for (const { state, owner } of others) {
      expect(await store.getImport(state.importId)).toMatchObject({ owner, state: { reconciled: true } });
    }
  });
  await eventually(async () =>
    expect(await log.committedOffsets(consumerGroups.projection, topics.state)).toEqual(
      await log.endOffsets(topics.state),
    ),
  );
  expect(await failures()).toBe(3);
  expect(lines.filter((line) => line.includes('cannot be projected'))).toHaveLength(3);
  expect(lines.join('')).not.toContain('canary-4711');

  const live = await followFoldedImports(log, logger);
  onTestFinished(() => live.close());
  expect(await new ImportReader(live, store).find(refused.state.importId)).toEqual({
    ...refused,
    state: refused.state,
  });
});

test('an end that cannot be stored for the moment is stored later, and nothing passes it', async () => {
  const store = await startStore();
  const { log, keep } = await startLog();
  const [first, second] = [endedImport('a'), endedImport('b')];
  await keep(first);
  await keep(second);
  let outages = 3;
  const order: string[] = [];
  const projectImport: ContactStore['projectImport'] = async (projected) => {
    if (outages-- > 0) throw new ContactStoreError('store_unavailable', 'away');
    order.push(projected.owner);
    await store.projectImport(projected);
  };
  const contactStore = { ledgerTotals: store.ledgerTotals, projectImport };
  const { failures } = await startTestProjection({ log, contactStore });
  await eventually(async () => expect(await store.getImport(second.state.importId)).not.toBeNull());
  expect(order).toEqual(['a', 'b']);
  expect(await failures()).toBe(0);
});

test('an end is compared with the ledger before it is projected, and the aggregator is told what came of it', async () => {
  const store = await startStore();
  const { log, keep } = await startLog();
  const [whole, short] = [endedImport('a', null), endedImport('b', null)];
  // Nothing of these rows stands in the ledger.
  short.state.rows = { ...short.state.rows, total: 3, created: 3 };
  short.totals = { ...noRows(), created: 3 };
  await keep(whole);
  await keep(short);
  const { lines } = await startTestProjection({ log, contactStore: store });
  const commands = async () => {
    const found: unknown[] = [];
    for await (const records of log.read({ topic: topics.commands, from: 'earliest', follow: false })) {
      for (const { key, value } of records) {
        const { type, data } = decodeEvent(value);
        found.push({ key, type, data });
      }
    }
    return found;
  };
  await eventually(async () =>
    expect(await commands()).toEqual([
      { key: whole.state.importId, type: 'import.compared', data: { version: 1, reconciled: true } },
      { key: short.state.importId, type: 'import.compared', data: { version: 1, reconciled: false } },
    ]),
  );
  expect(lines.filter((line) => line.includes('totals differ from the ledger'))).toHaveLength(1);
  expect(await store.getImport(whole.state.importId)).toBeNull();
});
