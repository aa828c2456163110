import { MessageChannel } from 'node:worker_threads';
import { foldedOf } from '@tidings/contact-store/conformance/test/test-projections.ts';
import { ContactStoreError } from '@tidings/contact-store/contact-store-error.ts';
import type { Contact } from '@tidings/contracts/contacts/contact.ts';
import { consumerGroups, topics } from '@tidings/contracts/topics.ts';
import { ControlJournal } from '@tidings/event-log/control/control-journal.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { connectPort, exposePort } from '@tidings/service-kit/threads/message-port-proxy.ts';
import { shareContactStore } from '@tidings/testing/contact-store.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { openTestLog, readAll } from '@tidings/testing/log.ts';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import type { ImporterParts } from './app.ts';
import { changedCountryCounts } from './test/changed-country.ts';
import {
  columns,
  cutFile,
  eventIdOf,
  header,
  newIdentity,
  plainFile,
  publishReferenceData,
  runImporter,
  storeWith,
  waitForReports,
} from './test/parts.ts';
import { unreadableWorkIsKept } from './test/unreadable-work.ts';

const contactStore = shareContactStore();
const cancelledSchema = z.object({ delta: z.object({ cancelled: z.int() }) });
const deadLettersOf = {
  express: `${topics.expressWork}.${consumerGroups.expressWork}.dlq`,
  bulk: `${topics.bulkWork}.${consumerGroups.bulkWork}.dlq`,
};

async function contactsOf(owner: string): Promise<Contact[]> {
  const contacts: Contact[] = [];
  let cursor: string | undefined;
  do {
    const page = await contactStore().listContacts({ owner, limit: 500, cursor });
    contacts.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return contacts;
}

async function rejectedOf(importId: string) {
  const rejected = [];
  for await (const rows of contactStore().rejectedRows(importId)) rejected.push(...rows);
  return rejected;
}

describe('the importer', () => {
  it('brings the rows of both priorities into the contacts, and reports each chunk', async () => {
    const log = await openTestLog();
    await publishReferenceData(log);
    const identity = newIdentity();
    const file = [
      header,
      'Ada@Example.com,Ada,030 901820,Deutschland,"two',
      'lines"',
      'bob@example.com,Bob,(202) 555-0123,USA,',
      'carol,Carol,,,',
      'dave@example.com,Dave,,Atlantis,',
      'ada@example.com,,,,',
      'too,few',
      '',
    ].join('\n');
    const records = cutFile(file, columns, identity, { topic: topics.expressWork, maxChunkBytes: 120 });
    expect(records.length).toBeGreaterThan(1);
    const [first, ...rest] = records;
    if (first === undefined) throw new Error('there is no chunk');
    const { count } = await runImporter(log, { contactStore: contactStore() });
    await log.append([first, ...rest.map((record) => ({ ...record, topic: topics.bulkWork }))]);

    const reports = await waitForReports(log, identity.importId, records.length);
    const data = reports.map((report) => report.data);
    expect(
      reports.every(({ type, subject }) => type === 'chunk.completed' && subject === identity.importId),
    ).toBe(true);
    expect(reports.map(({ causationId }) => causationId).toSorted()).toEqual(
      records.map(eventIdOf).toSorted(),
    );
    expect(data).toContainEqual(expect.objectContaining({ uploadId: identity.uploadId, chunk: 0 }));
    const { rows, delta } = await contactStore().ledgerTotals(identity.importId, identity.uploadId);
    expect([rows, delta.created, delta.duplicate, delta.rejected]).toEqual([6, 2, 1, 3]);

    expect(await contactsOf(identity.owner)).toMatchObject([
      {
        email: 'ada@example.com',
        firstName: 'Ada',
        phone: '+4930901820',
        country: 'DE',
        timeZone: 'Europe/Berlin',
        attributes: { notes: 'two\nlines' },
      },
      { email: 'bob@example.com', phone: '+12025550123', country: 'US', timeZone: 'America/New_York' },
    ]);
    expect(
      (await rejectedOf(identity.importId)).map(({ row, line, codes }) => [row, line, ...codes]),
    ).toEqual([
      [2, 5, 'email_invalid'],
      [3, 6, 'country_unknown'],
      [5, 8, 'too_few_cells'],
    ]);
    expect(await count('tidings_importer_rows_total', { result: 'rejected' })).toBe(3);
    expect(await count('tidings_importer_chunks_total', { priority: 'express', result: 'completed' })).toBe(
      1,
    );
  });

  it('repeats the report of a chunk that is delivered again, and changes nothing', async () => {
    const log = await openTestLog();
    const identity = newIdentity();
    const [record] = cutFile(plainFile(20), columns, identity);
    if (record === undefined) throw new Error('there is no chunk');
    const { count } = await runImporter(log, { contactStore: contactStore() });
    await log.append([record]);
    const [first] = await waitForReports(log, identity.importId, 1);
    const before = await contactsOf(identity.owner);
    await log.append([record]);
    const [, second] = await waitForReports(log, identity.importId, 2);
    expect(first?.data).toMatchObject({ chunk: 0, rows: 20, delta: { created: 20, duplicate: 0 } });
    expect(second?.data).toEqual(first?.data);
    expect(await contactsOf(identity.owner)).toEqual(before);
    expect(before.length).toBe(20);
    expect(await count('tidings_importer_chunks_total', { result: 'replayed' })).toBe(1);
    expect(await count('tidings_importer_rows_total', {})).toBe(20);
  });

  // The report came when the log had forgotten the import, and its rows counted nowhere.
  it('reports a chunk of an import that has ended with the import as it was kept', async () => {
    const log = await openTestLog();
    const identity = newIdentity();
    const [record] = cutFile(plainFile(20), columns, identity);
    if (record === undefined) throw new Error('there is no chunk');
    const kept = foldedOf(identity, {
      status: 'completed_with_errors',
      chunks: { total: 1, completed: 0, failed: 1 },
    });
    await contactStore().projectImport(kept);
    await runImporter(log, { contactStore: contactStore() });
    await log.append([record]);
    const [report] = await waitForReports(log, identity.importId, 1);
    expect(report?.data).toMatchObject({ chunk: 0, delta: { created: 20 }, folded: kept, asOf: 0 });
  });

  it('passes the chunks of a cancelled import over without parsing them, and reports each as cancelled', async () => {
    const log = await openTestLog();
    const identity = newIdentity();
    const records = cutFile(plainFile(300), columns, identity, { maxChunkBytes: 500 });
    await contactStore().closeGate(identity);
    const parsed: number[] = [];
    const together: number[] = [];
    const store: ImporterParts['contactStore'] = {
      ...storeWith(contactStore(), ({ chunk }) => void parsed.push(chunk)),
      cancelChunks: async (chunks) => {
        together.push(chunks.length);
        return contactStore().cancelChunks(chunks);
      },
    };
    await log.append(records);
    const { count } = await runImporter(log, { contactStore: store });
    const reports = await waitForReports(log, identity.importId, records.length);
    expect(together.length).toBeLessThan(records.length / 3);
    const rows = reports.map(({ data }) => cancelledSchema.parse(data).delta.cancelled);
    expect(rows.reduce((sum, cancelled) => sum + cancelled, 0)).toBe(300);
    expect(parsed).toHaveLength(1);
    expect(await contactsOf(identity.owner)).toEqual([]);
    expect(await count('tidings_importer_chunks_total', { result: 'cancelled' })).toBe(records.length);
    expect(await count('tidings_importer_rows_total', {})).toBe(0);
  });

  // A chunk that fails by its content became a dead letter of an import that had been cancelled before its last attempt.
  it('asks before a further attempt whether the chunk may still run', async () => {
    const log = await openTestLog();
    const identity = newIdentity();
    let attempts = 0;
    const store = storeWith(contactStore(), async () => {
      attempts += 1;
      await contactStore().closeGate(identity);
      throw new Error('it fails by its content');
    });
    await runImporter(log, { contactStore: store });
    await log.append(cutFile(plainFile(5), columns, identity));
    const reports = await waitForReports(log, identity.importId, 2);
    expect(reports.map(({ type }) => type)).toEqual(['chunk.retrying', 'chunk.completed']);
    expect(reports[1]?.data).toMatchObject({ chunk: 0, delta: { cancelled: 5 } });
    expect(attempts).toBe(1);
  });

  it('goes on where another one stopped', async () => {
    const log = await openTestLog();
    const identity = newIdentity();
    const records = cutFile(plainFile(300), columns, identity, { maxChunkBytes: 500 });
    await log.append(records);
    const { importer } = await runImporter(log, { contactStore: contactStore() });
    await waitForReports(log, identity.importId, 3);
    await importer.stop();
    await runImporter(log, { contactStore: contactStore() });
    const chunks = new Set<number>();
    const reports = await waitForReports(log, identity.importId, records.length);
    for (const { data } of reports) chunks.add(z.object({ chunk: z.int() }).parse(data).chunk);
    expect(chunks.size).toBe(records.length);
    expect(reports.length).toBe(records.length);
    expect((await contactStore().ledgerTotals(identity.importId, identity.uploadId)).delta.created).toBe(300);
  });

  it('waits while the contact store cannot be reached', async () => {
    const log = await openTestLog();
    const identity = newIdentity();
    let outages = 5;
    const store = storeWith(contactStore(), () => {
      if (outages-- > 0) throw new ContactStoreError('store_unavailable', 'gone for a moment');
    });
    await runImporter(log, { contactStore: store });
    await log.append(cutFile(plainFile(5), columns, identity));
    const [report] = await waitForReports(log, identity.importId, 1);
    expect(report).toMatchObject({ type: 'chunk.completed', data: { delta: { created: 5 } } });
    expect(outages).toBe(-1);
  });

  it('does not give a chunk up because the store is being closed', async () => {
    const log = await openTestLog();
    const identity = newIdentity();
    let attempts = 0;
    const store = storeWith(contactStore(), () => {
      if (attempts++ < 4) throw new ContactStoreError('store_closed', 'going down');
    });
    await runImporter(log, { contactStore: store });
    await log.append(cutFile(plainFile(5), columns, identity));
    const [report] = await waitForReports(log, identity.importId, 1);
    expect(report?.type).toBe('chunk.completed');
  });

  it('reports a chunk as failed after three attempts, goes on, and tells nobody what is in its cells', async () => {
    const log = await openTestLog();
    const identity = newIdentity();
    let attempts = 0;
    const store = storeWith(contactStore(), ({ chunk }) => {
      if (chunk !== 0) return;
      attempts++;
      throw new Error('invalid value "person0@example.com"');
    });
    const { lines, count } = await runImporter(log, { contactStore: store });
    const records = cutFile(plainFile(40), columns, identity, { maxChunkBytes: 600 });
    await log.append(records);
    const reports = await waitForReports(log, identity.importId, records.length + 2);
    const { uploadId } = identity;
    const retrying = reports.filter(({ type }) => type === 'chunk.retrying').map(({ data }) => data);
    const origin = { topic: topics.bulkWork, partition: expect.any(Number), offset: 0 };
    const ofChunk = { uploadId, chunk: 0, attempts: 3, dueAt: expect.any(String), origin, code: 'internal' };
    expect(retrying).toEqual([
      { ...ofChunk, attempt: 2 },
      { ...ofChunk, attempt: 3 },
    ]);
    const failed = reports.filter(({ type }) => type === 'chunk.failed');
    expect(failed.map(({ data }) => data)).toEqual([
      {
        uploadId: identity.uploadId,
        chunk: 0,
        rows: expect.any(Number),
        code: 'internal',
        message: expect.stringContaining('Chunk 0'),
      },
    ]);
    expect(attempts).toBe(3);
    expect(await count('tidings_importer_chunks_total', { result: 'failed' })).toBe(1);
    expect(await count('tidings_importer_chunks_total', { result: 'retrying' })).toBe(2);
    expect(lines.filter((line) => line.includes('applying a chunk failed')).length).toBe(3);
    const deadLetters = await readAll(log, deadLettersOf.bulk);
    expect(deadLetters.map(({ value }) => value?.byteLength)).toEqual([records[0]?.value?.byteLength]);
    expect(`${lines.join('')}${JSON.stringify(reports)}`).not.toContain('@example.com');
  });

  it('tries a chunk that waits at once, or reports it as failed at once, where support orders it', async () => {
    const log = await openTestLog({ partitions: 1 });
    const identity = newIdentity();
    let isMended = false;
    const store = storeWith(contactStore(), () => {
      if (!isMended) throw new Error('not yet');
    });
    const hour = 3_600_000;
    await runImporter(log, { contactStore: store, retryDelaysMs: [hour, hour] });
    const [first, second] = cutFile(plainFile(40), columns, identity, { maxChunkBytes: 600 });
    if (first === undefined || second === undefined) throw new Error('there are no two chunks');
    const positions = await log.append([first, second]);
    await waitForReports(log, identity.importId, 2);
    isMended = true;
    const order = (action: 'retry' | 'skip', chunk: number) => {
      const { topic = '', partition = 0, offset = 0 } = positions[chunk] ?? {};
      const place = {
        group: consumerGroups.bulkWork,
        topic,
        partition,
        offset,
        key: `${identity.importId}:${chunk}`,
      };
      const target = { kind: 'waiting_record', ...place, attempts: 1 } as const;
      return new ControlJournal(log, topics.control).give([
        { action, target, who: 'support', reason: 'a test' },
      ]);
    };
    await order('skip', 1);
    const [, , skipped] = await waitForReports(log, identity.importId, 3);
    expect(skipped).toMatchObject({ type: 'chunk.failed', data: { chunk: 1, code: 'internal' } });
    await order('retry', 0);
    const [, , , completed] = await waitForReports(log, identity.importId, 4);
    expect(completed).toMatchObject({ type: 'chunk.completed', data: { chunk: 0 } });
    expect(await readAll(log, deadLettersOf.bulk)).toEqual([]);
  });

  it('reports a chunk whose bytes and shape contradict each other', async () => {
    const log = await openTestLog();
    const identity = newIdentity();
    const [record] = cutFile(plainFile(5), columns, identity);
    if (record === undefined) throw new Error('there is no chunk');
    await runImporter(log, { contactStore: contactStore() });
    await log.append([{ ...record, value: new TextEncoder().encode('one@example.com,,,,\n') }]);
    const [, , report] = await waitForReports(log, identity.importId, 3);
    expect(report).toMatchObject({
      type: 'chunk.failed',
      data: { rows: 5, code: 'chunk_shape_mismatch' },
    });
  });

  it('reports an unreadable record where its chunk is known, and counts the others', async () => {
    const log = await openTestLog();
    const identity = newIdentity();
    const [record] = cutFile(plainFile(5), columns, identity, { topic: topics.expressWork });
    if (record === undefined) throw new Error('there is no chunk');
    const { lines, count } = await runImporter(log, { contactStore: contactStore() });
    const unreadable = { ...record, headers: { work: '{"secret":"person0@example.com"}' } };
    const withoutEnvelope = { ...record, headers: { work: record.headers?.work ?? '' } };
    const tombstone = { ...record, value: null };
    await log.append([unreadable, withoutEnvelope, tombstone, record]);
    const reports = (await waitForReports(log, identity.importId, 7)).filter(
      ({ type }) => type !== 'chunk.retrying',
    );
    expect(reports.map(({ type }) => type)).toEqual(['chunk.completed', 'chunk.failed', 'chunk.failed']);
    expect(reports[1]?.data).toMatchObject({ chunk: 0, rows: 5, code: 'malformed_event' });
    await eventually(async () => expect(await readAll(log, deadLettersOf.express)).toHaveLength(3));
    expect(await count('tidings_importer_chunks_total', { result: 'unreadable' })).toBe(1);
    expect(lines.filter((line) => line.includes('record of work not readable')).length).toBe(9);
    expect(lines.join('')).not.toContain('@example.com');
  });

  it('keeps a record of work that nobody can read as a dead letter, with what is known of it', async () => {
    await unreadableWorkIsKept(await openTestLog(), contactStore());
  });

  it('works with a log that lives on another thread', async () => {
    const log = await openTestLog();
    await publishReferenceData(log);
    const { port1, port2 } = new MessageChannel();
    exposePort(log, port1);
    onTestFinished(() => port1.close());
    const identity = newIdentity();
    const records = cutFile(plainFile(100), columns, identity, { maxChunkBytes: 500 });
    const { importer } = await runImporter(connectPort<EventLog>(port2), { contactStore: contactStore() });
    await log.append(records);
    await log.append(cutFile(`${header}\na@example.com,,,Germany,\n`, columns, newIdentity(identity.owner)));
    await waitForReports(log, identity.importId, records.length);
    await eventually(async () =>
      expect((await contactsOf(identity.owner)).find(({ email }) => email === 'a@example.com')).toMatchObject(
        {
          timeZone: 'Europe/Berlin',
        },
      ),
    );
    await importer.ready();
    await importer.stop();
    expect(await readAll(log, topics.bulkWork)).toEqual([]);
  });

  it('is ready while the contact store and the log answer', async () => {
    const log = await openTestLog();
    const { importer } = await runImporter(log, { contactStore: contactStore() });
    await expect(importer.ready()).resolves.toBeUndefined();
    const down = {
      ...storeWith(contactStore(), () => undefined),
      ping: () => Promise.reject(new Error('down')),
    };
    const { importer: other } = await runImporter(log, { contactStore: down });
    await expect(other.ready()).rejects.toThrow('down');
  });

  it('goes by the rule for duplicates that a chunk names', async () => {
    const log = await openTestLog();
    await publishReferenceData(log);
    await runImporter(log, { contactStore: contactStore() });
    const owner = newIdentity().owner;
    const importAs = async (duplicates: string | undefined, firstName: string) => {
      const identity = newIdentity(owner);
      const records = cutFile(`${header}\na@example.com,${firstName},,,\n`, columns, identity);
      const named = records.map((record) => {
        const work = { ...JSON.parse(record.headers?.work ?? ''), duplicates };
        return { ...record, headers: { ...record.headers, work: JSON.stringify(work) } };
      });
      await log.append(named);
      const [report] = await waitForReports(log, identity.importId, 1);
      return report;
    };
    expect(await importAs(undefined, 'Ada')).toMatchObject({ data: { delta: { created: 1 } } });
    expect(await importAs('skip', 'Eve')).toMatchObject({ data: { delta: { unchanged: 1 } } });
    expect(await importAs('fill-blanks', 'Eve')).toMatchObject({ data: { delta: { unchanged: 1 } } });
    expect(await contactsOf(owner)).toMatchObject([{ firstName: 'Ada' }]);
    expect(await importAs('update', 'Eve')).toMatchObject({ data: { delta: { updated: 1 } } });
  });

  it('counts a country that is changed in the middle of an import for the next row of both importers', async () => {
    const log = await openTestLog();
    await changedCountryCounts([log, log], contactStore());
  });
});
