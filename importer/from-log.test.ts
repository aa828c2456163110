import { consumerGroups, topics } from '@tidings/contracts/topics.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { shareContactStore } from '@tidings/testing/contact-store.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { openTestLog, readAll } from '@tidings/testing/log.ts';
import { describe, expect, it } from 'vitest';
import {
  columns,
  cutFile,
  newIdentity,
  plainFile,
  runImporter,
  storeWith,
  waitForReports,
} from './test/parts.ts';

const contactStore = shareContactStore();

describe('the priorities of work', () => {
  it('begins no chunk of bulk while one of express waits', async () => {
    const log = await openTestLog();
    const bulk = newIdentity();
    const express = newIdentity();
    const order: string[] = [];
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const store = storeWith(contactStore(), async ({ importId }) => {
      order.push(importId === bulk.importId ? 'bulk' : 'express');
      if (order.length === 1) await held;
    });
    let expressBegun = 0;
    const watched = watchAppends(log, `${consumerGroups.expressWork}.attempts`, () => {
      expressBegun += 1;
    });
    await runImporter(watched, { contactStore: store });
    const bulkRecords = cutFile(plainFile(200), columns, bulk, { maxChunkBytes: 500 });
    await log.append(bulkRecords);
    await eventually(() => expect(order).toEqual(['bulk']));
    await log.append(cutFile(plainFile(5), columns, express, { topic: topics.expressWork }));
    await eventually(() => expect(expressBegun).toBe(1));
    release();
    await waitForReports(log, bulk.importId, bulkRecords.length);
    expect(order.slice(0, 3)).toEqual(['bulk', 'express', 'bulk']);
    expect(order.length).toBe(bulkRecords.length + 1);
  });

  it('lets a bulk chunk have its turn in a flood of express chunks', async () => {
    const log = await openTestLog();
    const [bulk, express] = [newIdentity(), newIdentity()];
    const order: string[] = [];
    const store = storeWith(contactStore(), ({ importId }) => {
      order.push(importId === bulk.importId ? 'bulk' : 'express');
    });
    const expressRecords = cutFile(plainFile(400), columns, express, {
      maxChunkBytes: 200,
      topic: topics.expressWork,
    });
    const bulkRecords = cutFile(plainFile(60), columns, bulk, { maxChunkBytes: 500 });
    expect(expressRecords.length).toBeGreaterThan(40);
    await log.append([...expressRecords, ...bulkRecords]);
    await runImporter(log, { contactStore: store });
    await waitForReports(log, express.importId, expressRecords.length);
    await waitForReports(log, bulk.importId, bulkRecords.length);
    // The first chunks come while the readers of both priorities begin.
    const flood = order.slice(0, order.lastIndexOf('express'));
    expect(flood.filter((priority) => priority === 'bulk').length).toBeGreaterThanOrEqual(
      Math.min(bulkRecords.length, Math.floor(expressRecords.length / 9) - 1),
    );
  });

  it('lets the own work of the contact store wait for its turn', async () => {
    const log = await openTestLog();
    const { importer } = await runImporter(log, { contactStore: contactStore() });
    const done: string[] = [];
    let release: () => void = () => undefined;
    const first = importer.inBulkTurn(async () => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      done.push('first');
    });
    const second = importer.inBulkTurn(async () => done.push('second'));
    await log.append(cutFile(plainFile(5), columns, newIdentity(), { topic: topics.expressWork }));
    await eventually(async () =>
      expect(await readAll(log, `${consumerGroups.expressWork}.attempts`)).toHaveLength(1),
    );
    expect(done).toEqual([]);
    release();
    await Promise.all([first, second]);
    expect(done).toEqual(['first', 'second']);
  });

  it('works both priorities at the same time where each has connections of its own', async () => {
    const log = await openTestLog();
    const bulk = newIdentity();
    const express = newIdentity();
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const store = storeWith(contactStore(), ({ importId }) =>
      importId === bulk.importId ? held : undefined,
    );
    await runImporter(log, {
      contactStore: store,
      connections: { kind: 'separate', express: 1, bulk: 2 },
    });
    await log.append(cutFile(plainFile(50), columns, bulk));
    await log.append(cutFile(plainFile(5), columns, express, { topic: topics.expressWork }));
    const [report] = await waitForReports(log, express.importId, 1);
    expect(report?.type).toBe('chunk.completed');
    release();
    await waitForReports(log, bulk.importId, 1);
  });

  it('lets the log forget the chunks that are done, while it works and when it stops', async () => {
    const log = await openTestLog();
    const identity = newIdentity();
    const [first, ...rest] = cutFile(plainFile(200), columns, identity, { maxChunkBytes: 500 });
    if (first === undefined) throw new Error('there is no chunk');
    const { importer } = await runImporter(log, {
      contactStore: contactStore(),
      purge: { everyChunks: 3, idleMs: 1_000_000 },
    });
    const [position] = await log.append([first]);
    const { partition = 0, offset = 0 } = position ?? {};
    await eventually(async () =>
      expect(
        (await log.committedOffsets(consumerGroups.bulkWork, topics.bulkWork))[partition],
      ).toBeGreaterThan(offset),
    );
    await log.append(rest);
    await waitForReports(log, identity.importId, rest.length + 1);
    await eventually(async () =>
      expect((await readAll(log, topics.bulkWork)).map(({ key }) => key)).not.toContain(first.key),
    );
    await importer.stop();
    expect(await readAll(log, topics.bulkWork)).toEqual([]);
    expect(await log.committedOffsets(consumerGroups.bulkWork, topics.bulkWork)).toEqual(
      await log.endOffsets(topics.bulkWork),
    );
  });

  it('lets the log forget the last chunks when nothing follows', async () => {
    const log = await openTestLog();
    const identity = newIdentity();
    await runImporter(log, { contactStore: contactStore(), purge: { everyChunks: 1000, idleMs: 1 } });
    await log.append(cutFile(plainFile(5), columns, identity));
    await waitForReports(log, identity.importId, 1);
    await eventually(async () => expect(await readAll(log, topics.bulkWork)).toEqual([]));
  });
});

/** A log that tells of appends to a topic, once their caller has gone on. */
function watchAppends(log: EventLog, topic: string, onAppended: () => void): EventLog {
  return new Proxy(log, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      if (name !== 'append') return value.bind(target);
      const append: EventLog['append'] = async (records) => {
        const positions = await target.append(records);
        if (records.some((record) => record.topic === topic)) setImmediate(onAppended);
        return positions;
      };
      return append;
    },
  });
}
