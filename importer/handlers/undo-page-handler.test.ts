import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import { ContactStoreError } from '@tidings/contact-store/contact-store-error.ts';
import type { PageToUndo } from '@tidings/contact-store/undo-page.ts';
import { type UndoPageWork, undoPageKey } from '@tidings/contracts/imports/work.ts';
import { createEvent } from '@tidings/contracts/schemas/event.ts';
import { encodeWork, UNDO_PAGE_TYPE } from '@tidings/contracts/schemas/imports/work.ts';
import { workTopics } from '@tidings/contracts/topics.ts';
import type { EventLog, LogRecord, NewRecord } from '@tidings/event-log/event-log.ts';
import { attemptsTopic, deadLetterTopic } from '@tidings/event-log/retry/topic-names.ts';
import { shareContactStore } from '@tidings/testing/contact-store.ts';
import { openTestLog, readAll } from '@tidings/testing/log.ts';
import { v7 as uuidv7 } from 'uuid';
import { expect, test } from 'vitest';
import {
  columns,
  cutFile,
  type ImportIdentity,
  newIdentity,
  plainFile,
  runImporter,
  storeWith,
  waitForReports,
} from '../test/parts.ts';

const contactStore = shareContactStore();
const ROWS = 20;

function undoPageRecord(
  identity: ImportIdentity,
  priority: 'express' | 'bulk' = 'express',
  passOver = false,
): NewRecord {
  const work: UndoPageWork = { ...identity, undoId: uuidv7(), run: 1, page: 0, after: null, passOver };
  const envelope = createEvent({ type: UNDO_PAGE_TYPE, subject: work.importId, data: null });
  return {
    topic: workTopics[priority].topic,
    key: undoPageKey(work.importId, 0),
    value: new Uint8Array(),
    headers: encodeWork(envelope, work),
  };
}

/** The real store, with another way to undo a page. */
function storeThatUndoes(undoPage: (page: PageToUndo) => Promise<void>) {
  const store = contactStore();
  return {
    ...storeWith(store, () => undefined),
    undoPage: async (page: PageToUndo) => {
      await undoPage(page);
      return store.undoPage(page);
    },
  };
}

/** Resolves once the import's chunk is applied. */
async function importFile(log: EventLog): Promise<ImportIdentity> {
  const identity = newIdentity();
  await log.append(cutFile(plainFile(ROWS), columns, identity));
  await waitForReports(log, identity.importId, 1);
  return identity;
}

async function contactsLeft(store: ContactStore, { owner }: ImportIdentity): Promise<number> {
  return (await store.listContacts({ owner, limit: 500 })).items.length;
}

const undone = { page: 0, reversed: ROWS, kept: 0, failed: 0, next: null };
const passedOver = { page: 0, reversed: 0, kept: 0, failed: ROWS, next: null };

test.each(['express', 'bulk'] as const)(
  'a page of an undo among the %s chunks is worked off, and reported as often as it comes',
  async (priority) => {
    const log = await openTestLog();
    const { count } = await runImporter(log, { contactStore: contactStore() });
    const identity = await importFile(log);
    const record = undoPageRecord(identity, priority);
    await log.append([record]);
    const [, first] = await waitForReports(log, identity.importId, 2);
    await log.append([record]);
    const [, , second] = await waitForReports(log, identity.importId, 3);
    expect(first).toMatchObject({ type: 'undo.page_completed', subject: identity.importId, data: undone });
    expect(second?.data).toEqual(first?.data);
    expect(await contactsLeft(contactStore(), identity)).toBe(0);
    expect(await count('tidings_importer_undone_contacts_total', { outcome: 'reversed' })).toBe(ROWS);
  },
);

// The last attempt did not try: two processes that were killed in a page cost its contacts their undo.
test('a page that fails for good is passed over, so that the undo goes on behind it', async () => {
  const log = await openTestLog();
  let attempts = 0;
  const store = storeThatUndoes(async () => {
    attempts += 1;
    throw new Error('invalid value "person0@example.com"');
  });
  const { lines } = await runImporter(log, { contactStore: store });
  const identity = await importFile(log);
  await log.append([undoPageRecord(identity)]);
  const [, ...reports] = await waitForReports(log, identity.importId, 4);
  expect(reports).toMatchObject([
    ...[2, 3].map((attempt) => ({
      type: 'undo.page_retrying',
      data: { page: 0, attempt, attempts: 3, code: 'internal' },
    })),
    { type: 'undo.page_completed', data: passedOver },
  ]);
  expect(attempts).toBe(3);
  expect(await contactsLeft(contactStore(), identity)).toBe(ROWS);
  expect(lines.filter((line) => line.includes('undoing a page of an import failed'))).toHaveLength(3);
  expect(lines.join('')).not.toContain('@example.com');
});

test('a page whose only attempt fails is passed over in the same attempt', async () => {
  const log = await openTestLog();
  const store = storeThatUndoes(() => Promise.reject(new Error('broken')));
  await runImporter(log, { contactStore: store, retryDelaysMs: [] });
  const identity = await importFile(log);
  await log.append([undoPageRecord(identity)]);
  const [, report] = await waitForReports(log, identity.importId, 2);
  expect(report?.data).toMatchObject(passedOver);
});

test('a page that cannot even be passed over is a dead letter, and its undo is told so', async () => {
  const log = await openTestLog();
  const broken = () => Promise.reject(new Error('broken'));
  await runImporter(log, { contactStore: { ...storeThatUndoes(broken), failUndoPage: broken } });
  const identity = await importFile(log);
  await log.append([undoPageRecord(identity)]);
  const [, , , report] = await waitForReports(log, identity.importId, 4);
  expect(report).toMatchObject({ type: 'undo.page_failed', data: { page: 0 } });
});

/** What a group has on the log of a record in whose handling so many processes have ended. */
function endedProcesses({ topic, partition, offset }: LogRecord, group: string, attempts: number): NewRecord {
  const ranges = [{ from: offset, next: offset + 1, attempts }];
  const value = new TextEncoder().encode(JSON.stringify(ranges));
  return { topic: attemptsTopic(group), key: `${topic}/${partition}`, value };
}

// A page that ends its process each time ended the undo, and the contacts behind the page stayed.
test('a page that ends its process at each attempt is passed over, without another look at its contacts', async () => {
  const log = await openTestLog();
  const { importer } = await runImporter(log, { contactStore: contactStore() });
  const identity = await importFile(log);
  await importer.stop();
  await log.append([undoPageRecord(identity)]);
  const { topic, group } = workTopics.express;
  const page = (await readAll(log, topic)).find(({ headers }) => headers.type === UNDO_PAGE_TYPE);
  if (page === undefined) throw new Error('the page is not on the log');
  await log.append([endedProcesses(page, group, 3)]);
  let attempts = 0;
  const store = storeThatUndoes(async () => {
    attempts += 1;
  });
  await runImporter(log, { contactStore: store });
  const [, report] = await waitForReports(log, identity.importId, 2);
  expect(report).toMatchObject({ type: 'undo.page_completed', data: passedOver });
  expect(attempts).toBe(0);
  expect(await contactsLeft(contactStore(), identity)).toBe(ROWS);
  expect(await readAll(log, deadLetterTopic(topic, group))).toHaveLength(1);
});

test('a page that cannot be passed over either, because its processes end, is told as failed', async () => {
  const log = await openTestLog();
  const identity = newIdentity();
  await log.append([undoPageRecord(identity, 'express', true)]);
  const { topic, group } = workTopics.express;
  for (const page of await readAll(log, topic)) await log.append([endedProcesses(page, group, 3)]);
  await runImporter(log, { contactStore: contactStore() });
  const [report] = await waitForReports(log, identity.importId, 1);
  expect(report).toMatchObject({ type: 'undo.page_failed', data: { page: 0 } });
});

test('a page waits while the contact store cannot be reached, and no attempt is counted', async () => {
  const log = await openTestLog();
  let outages = 5;
  const store = storeThatUndoes(async () => {
    if (outages-- > 0) throw new ContactStoreError('store_unavailable', 'gone for a moment');
  });
  await runImporter(log, { contactStore: store });
  const identity = await importFile(log);
  await log.append([undoPageRecord(identity)]);
  const [, report] = await waitForReports(log, identity.importId, 2);
  expect(report?.data).toMatchObject(undone);
});
