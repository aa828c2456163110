/** A proof is worth what its checks would find: each loss and each doubling is made here, and must be found. */
import { type ImportState, noRows } from '@tidings/contracts/imports/import.ts';
import { topics, workTopics } from '@tidings/contracts/topics.ts';
import { PROCESS_ENDED } from '@tidings/event-log/retry/record-attempts.ts';
import { deadLetterTopic, retryTopic } from '@tidings/event-log/retry/topic-names.ts';
import { openTestLog } from '@tidings/testing/log.ts';
import { durableNotification } from '@tidings/testing/notification.ts';
import { randomNumbers } from '@tidings/testing/random.ts';
import { describe, expect, test } from 'vitest';
import { Findings } from '../findings.ts';
import { Book } from '../users/book.ts';
import { type GeneratedFile, generateFile } from '../users/generated-file.ts';
import type { PatientApi } from '../users/http.ts';
import { ContactsModel, type ModelContact } from '../users/model.ts';
import { checkNotifications } from './check-notifications.ts';
import { checkRemains, tables } from './check-remains.ts';

const importId = '0190a000-0000-7000-8000-000000000001';

const ended: ImportState = {
  importId,
  channelId: 'c',
  version: 1,
  status: 'completed',
  upload: 'sealed',
  uploadError: null,
  fileName: 'a.csv',
  clientReference: null,
  rows: { total: 2, ...noRows(), created: 2 },
  warnings: 0,
  blankRows: 0,
  chunks: { total: 1, completed: 1, failed: 0 },
  bytes: 1,
  rowsPerSecond: 0,
  acceptedAt: '2026-01-01T00:00:00.000Z',
  sealedAt: '2026-01-01T00:00:00.000Z',
  endedAt: '2026-01-01T00:00:00.000Z',
  reconciled: true,
  autoUndo: true,
  dryRun: false,
  mends: null,
  mendedBy: [],
  waitingFor: null,
  undo: null,
};

describe('notifications', () => {
  const stages = ['import.accepted', 'import.sealed', 'import.completed', 'import.reconciled'];

  /** What is found where a channel was told so of `ended`, or of an import that differs from it. */
  function find(
    types: readonly string[],
    eventIds = types.map((_, index) => String(index)),
    state: Partial<ImportState> = {},
  ): Findings {
    const findings = new Findings();
    const durable = types.map((type, index) =>
      durableNotification(index + 1, { subject: importId, type, eventId: eventIds[index], data: ended }),
    );
    checkNotifications(durable, [{ ...ended, ...state }], findings);
    return findings;
  }

  test('each stage once and in order is nothing to find', () => {
    expect(find(stages).sentences).toEqual([]);
    expect(find(['import.accepted', 'import.chunk_failed', ...stages.slice(1)]).sentences).toEqual([]);
  });

  test('a stage that is missing is lost, one that comes twice is doubled, another order is wrong', () => {
    expect(find(stages.slice(0, 3)).countLost('notifications')).toBe(1);
    expect(find([...stages, 'import.reconciled']).countDoubled('notifications')).toBe(1);
    expect(find(stages, ['0', '1', '1', '3']).countDoubled('notifications')).toBe(1);
    expect(find([0, 2, 1, 3].map((place) => stages[place] ?? '')).sentences).toHaveLength(1);
  });

  const undo = { reversed: 1, kept: 0, failed: 0, endedAt: ended.endedAt };
  test.each<[string, readonly string[], Partial<ImportState>]>([
    [
      'cancelled',
      ['import.accepted', 'import.cancelled', 'import.reconciled'],
      { status: 'cancelled', upload: 'aborted' },
    ],
    ['undone', [...stages, 'import.undone'], { status: 'undone', undo }],
    [
      'broken off and taken back',
      ['import.accepted', 'import.failed', 'import.undone', 'import.reconciled'],
      { status: 'failed', upload: 'aborted', undo },
    ],
    ['sent again under its key', ['import.accepted', 'import.failed', 'import.undone', ...stages], {}],
    [
      'tried again',
      [
        ...['import.accepted', 'import.sealed', 'import.chunk_failed', 'import.completed_with_errors'],
        ...['import.reconciled', 'import.completed', 'import.reconciled'],
      ],
      {},
    ],
  ])('an import that was %s is told as that, and nothing may be missing', (_, types, state) => {
    expect(find(types, undefined, state).sentences).toEqual([]);
    expect(find(types.slice(0, -1), undefined, state).countLost('notifications')).toBe(1);
    expect(find(types.slice(1), undefined, state).none).toBe(false);
  });

  test('an undo that has left contacts is told, and so is the one that was begun again', () => {
    const findings = new Findings();
    const durable = [...stages, 'import.undone', 'import.undone'].map((type, index) =>
      durableNotification(index + 1, {
        ...{ subject: importId, type, eventId: String(index) },
        data: { ...ended, undo: { ...undo, failed: index === stages.length ? 1 : 0 } },
      }),
    );
    checkNotifications(durable, [{ ...ended, status: 'undone', undo }], findings);
    expect(findings.sentences).toEqual([]);
    checkNotifications(durable.slice(0, -1), [{ ...ended, status: 'undone', undo }], findings);
    expect(findings.countLost('notifications')).toBe(1);
  });

  test('a notification about no import is wrong', () => {
    const findings = new Findings();
    checkNotifications([durableNotification(1, { subject: 'another' })], [], findings);
    expect(findings.sentences).toHaveLength(1);
  });
});

describe('database and log', () => {
  type Rows = Readonly<Record<string, readonly object[]>>;

  /** What is found in a database that answers so, by table, and in this log. */
  async function find(rows: Rows, log = openTestLog(), state = ended): Promise<Findings> {
    const findings = new Findings();
    const query = async <Row>(sql: string) => {
      const [, table = ''] = /FROM (\w+)/.exec(sql) ?? [];
      return (rows[table] ?? []) as Row[];
    };
    await checkRemains({ query, log: await log, close: async () => undefined }, [state], ['owner'], findings);
    return findings;
  }

  const ledgerRow = { import_id: importId, chunks: 1, ...ended.rows, rows: 2 };
  const whole: Rows = { chunk_ledger: [ledgerRow], imports: [{ import_id: importId }] };

  test('what belongs to an import is nothing to find', async () => {
    expect((await find(whole)).sentences).toEqual([]);
  });

  test('rows are lost or doubled where the ledger has others than the import', async () => {
    expect((await find({ ...whole, chunk_ledger: [] })).countLost('rows')).toBe(2);
    const doubled = { ...ledgerRow, rows: 4, created: 4 };
    expect((await find({ ...whole, chunk_ledger: [doubled] })).countDoubled('rows')).toBe(2);
    const other = { ...ledgerRow, created: 1, updated: 1 };
    expect((await find({ ...whole, chunk_ledger: [other] })).sentences).toHaveLength(2);
  });

  // A proof that took a chunk of an import from the log, and cancelled it, found its rows to be lost.
  test('what was cancelled may be missing in the ledger, and not be there more often', async () => {
    const cancelled = { ...ended, rows: { ...ended.rows, created: 0, cancelled: 2 } };
    const row = { ...ledgerRow, created: 0, cancelled: 2 };
    const of = (ledger: readonly object[]) =>
      find({ ...whole, chunk_ledger: ledger }, openTestLog(), cancelled);
    expect((await of([])).sentences).toEqual([]);
    expect((await of([row])).sentences).toEqual([]);
    expect((await of([{ ...row, rows: 3, cancelled: 3 }])).sentences).toHaveLength(1);
    expect((await of([{ ...row, created: 1, cancelled: 1 }])).countDoubled('rows')).toBe(1);
  });

  test.each(tables.filter((table) => table !== 'chunk_ledger'))(
    '%s of no import are orphans',
    async (table) => {
      const { sentences } = await find({ ...whole, [table]: [{ import_id: 'another', rows: 1 }] });
      expect(sentences).toEqual([`${table} has import another, which the API does not know`]);
    },
  );

  test('contacts of an owner who was erased are found', async () => {
    expect((await find({ ...whole, contacts: [{ owner: 'owner' }] })).none).toBe(true);
    expect((await find({ ...whole, contacts: [{ owner: 'erased' }] })).sentences).toHaveLength(1);
  });

  const { topic, group } = workTopics.bulk;
  test.each([
    ['a chunk that waits', topic],
    ['a chunk that waits for a further attempt', retryTopic(topic, group, 1)],
    ['a dead letter', deadLetterTopic(topic, group)],
    ['a command that waits', topics.commands],
    ['an import that is still in the log', topics.state],
  ])('%s is found', async (_, place) => {
    const log = await openTestLog();
    await log.append([{ topic: place, key: 'k', value: Buffer.from('v') }]);
    expect((await find(whole, Promise.resolve(log))).none).toBe(false);
  });
});

describe('the model of contacts', () => {
  const domain = 'model.example';
  const file = (...rows: readonly (readonly [name: string, company: string])[]): GeneratedFile => ({
    bytes: Buffer.alloc(0),
    rows: rows.length,
    rejected: 0,
    valid: rows.map(([name, company], row) => ({
      row,
      email: `${name}@${domain}`,
      fields: { company },
      attributes: {},
    })),
  });
  const companies = (model: ContactsModel) =>
    Object.fromEntries(model.emails().map((email) => [email.split('@')[0], model.get(email)?.company]));

  test('takes back what an import has written and nobody has written since', () => {
    const model = new ContactsModel();
    model.import('A', file(['a', 'one'], ['b', 'one'], ['c', 'one'], ['d', 'one']));
    model.import('B', file(['a', 'two'], ['b', 'two'], ['e', 'two']));
    model.edit(`b@${domain}`, { company: 'edited' });
    model.delete(`d@${domain}`);
    expect(model.undo('A')).toEqual({ reversed: 1, kept: 2 });
    expect(companies(model)).toEqual({ a: 'two', b: 'edited', e: 'two' });
    expect(model.undo('B')).toEqual({ reversed: 2, kept: 1 });
    expect(companies(model)).toEqual({ a: 'one', b: 'edited' });
  });

  test('keeps what another import has found as it is, until that one is taken back', () => {
    const model = new ContactsModel();
    model.import('A', file(['a', 'one'], ['b', 'one'], ['c', 'one'], ['d', 'one']));
    model.import('B', file(['a', 'one'], ['b', 'one'], ['b', 'two']));
    const contact = (name: string): [string, ModelContact] => [`${name}@${domain}`, { company: 'one' }];
    const there = new Map([contact('c'), contact('d')]);
    expect(model.isUnsure('A')).toBe(false);
    model.adopt('C', file(['c', 'one'], ['d', 'one']), there);
    expect(model.isUnsure('A')).toBe(true);
    // Of the import of which a part was imported, the store alone knows that it had come to c.
    expect(model.undo('A', new Map([contact('a'), contact('c')]))).toEqual({ reversed: 1, kept: 3 });
    expect(companies(model)).toEqual({ a: 'one', b: 'two', c: 'one' });
    model.import('D', file(['e', 'one']));
    model.import('E', file(['e', 'one']));
    model.undo('E');
    expect(model.undo('D')).toEqual({ reversed: 1, kept: 0 });
  });

  test('adopts what some rows of a file explain, and nothing else', () => {
    const before = file(['a', 'one']);
    const part = file(['a', 'two'], ['a', 'three'], ['b', 'two']);
    const adopt = (found: Record<string, string>) => {
      const model = new ContactsModel();
      model.import('A', before);
      const contacts = new Map<string, ModelContact>(
        Object.entries(found).map(([name, company]) => [`${name}@${domain}`, { company }]),
      );
      return model.adopt('B', part, contacts);
    };
    expect(adopt({ a: 'one' })).toEqual({ created: 0, updated: 0, unexplained: [] });
    expect(adopt({ a: 'two', b: 'two' })).toEqual({ created: 1, updated: 1, unexplained: [] });
    expect(adopt({ a: 'four', b: 'two' }).unexplained).toEqual([`a@${domain}`]);
    expect(adopt({ b: 'two' }).unexplained).toEqual([`a@${domain}`]);
  });

  test('finds contacts that are lost, too many or different', () => {
    const model = new ContactsModel();
    model.import('A', file(['a', 'one'], ['b', 'one']));
    const found = new Map([
      [`b@${domain}`, { company: 'two' }],
      [`c@${domain}`, { company: 'one' }],
    ]);
    expect(model.compare(found)).toEqual({
      lost: [`a@${domain}`],
      surplus: [`c@${domain}`],
      different: [`b@${domain}`],
    });
  });
});

test('a seed gives the same file again, and another seed another one', () => {
  const generate = (seed: number) =>
    generateFile(randomNumbers(seed), { domain: 'd.example', people: 5, rows: 50 });
  expect(generate(1)).toEqual(generate(1));
  expect(generate(1).file.bytes.equals(generate(2).file.bytes)).toBe(false);
});

// The book waited for ever, and its contacts were found to be too many.
test('a chunk whose importer was killed at each attempt is tried again, and its import then settled', async () => {
  const orders: string[] = [];
  const api: Pick<PatientApi, 'getImport' | 'listChunks' | 'order'> = {
    getImport: async () =>
      orders.length > 0
        ? ended
        : { ...ended, status: 'completed_with_errors', chunks: { total: 1, completed: 0, failed: 1 } },
    listChunks: async () => [
      {
        ...{ chunk: 0, status: 'dead', firstLine: 2, rows: 2, attempts: 3, nextAttemptAt: null },
        error: { code: PROCESS_ENDED, message: 'x' },
      },
    ],
    order: async (path) => orders.push(path) > 0,
  };
  const findings = new Findings();
  const book = new Book({
    ...{
      owner: 'o',
      domain: 'd.example',
      api: api as PatientApi,
      signal: new AbortController().signal,
      findings,
    },
    ...{ token: async () => '', mayLose: () => false },
  });
  const rows = ['a', 'b'].map((name, row) => {
    return { row, email: `${name}@d.example`, fields: {}, attributes: {} };
  });
  const file: GeneratedFile = { bytes: Buffer.alloc(0), rows: 2, rejected: 0, valid: rows };
  expect(await book.settle(importId, file, { isFirst: true, isAnswered: true })).toEqual(ended);
  expect(orders).toEqual([`/imports/${importId}/chunks/0/requeue`]);
  expect(findings.sentences).toEqual([]);
});
