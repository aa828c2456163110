/** Conformance: any chunking, any order, any redelivery give the same contacts and the same totals. */
import { type DuplicateRule, duplicateRules } from '@tidings/contracts/owners/settings.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AppliedChunk, ChunkToApply, ValidRow } from '../../chunk-to-apply.ts';
import type { ContactStore } from '../../contact-store.ts';
import type { Database } from '../../databases/database.ts';
import { importWholeFile, type ModelContact } from '../models/bucket-rule-model.ts';
import type { Subject } from '../subject.ts';
import { chunkOf, contactOf, contactsOf, newImport, sumOf, sumRows, validRow } from '../test/test-imports.ts';

const RUNS = 300;

const email = fc.constantFrom('a@example.org', 'b@example.org', 'c@example.org');
const value = fc.constantFrom('x', 'y', 'z');
/** Every field is blank in half of the rows. */
const fields: fc.Arbitrary<ModelContact> = fc
  .record({
    firstName: fc.option(value, { nil: '' }),
    country: fc.option(value, { nil: '' }),
    'attributes.notes': fc.option(value, { nil: '' }),
    'attributes.__proto__': fc.option(value, { nil: '', freq: 9 }),
    spelling: fc.option(fc.constantFrom('A@Example.org', 'ａ@example.org'), { nil: '' }),
  })
  .map((all) => Object.fromEntries(Object.entries(all).filter(([, said]) => said !== '')));

interface Scenario {
  before: Map<string, ModelContact>;
  /** The chunks in the order of delivery; some come more than once. */
  deliveries: { chunk: number; rows: ValidRow[] }[];
  file: ValidRow[];
  duplicates: DuplicateRule;
}

const scenario: fc.Arbitrary<Scenario> = fc
  .record({
    before: fc.dictionary(email, fields, { maxKeys: 3, noNullPrototype: true }),
    file: fc.array(fc.tuple(email, fields), { minLength: 1, maxLength: 12 }),
    cuts: fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
    order: fc.array(fc.nat(11), { maxLength: 18 }),
    duplicates: fc.constantFrom(...duplicateRules),
  })
  .map(({ before, file, cuts, order, duplicates }) => {
    const rows = file.map(([address, said], row) => validRow(row, address, said));
    const chunks: ValidRow[][] = [];
    for (const row of rows) {
      const open = chunks.at(-1);
      if (open === undefined || cuts[row.row] === true) chunks.push([row]);
      else open.push(row);
    }
    // Random chunks in random order, then the chunks that are still missing.
    const numbers = [...order.map((number) => number % chunks.length), ...chunks.keys()];
    const deliveries = numbers.map((chunk) => ({ chunk, rows: chunks[chunk] ?? [] }));
    return { before: new Map(Object.entries(before)), deliveries, file: rows, duplicates };
  });

async function prepare(store: ContactStore, owner: string, before: Scenario['before']): Promise<void> {
  const rows = [...before].map(([address, said], row) => validRow(row, address, said));
  if (rows.length > 0) await store.applyChunk(chunkOf(newImport(owner), 0, rows));
}

function expectSame(one: AppliedChunk | undefined, again: AppliedChunk, chunk: ChunkToApply): void {
  expect(sumRows(again.delta)).toBe(chunk.rows);
  expect(again.replayed).toBe(one !== undefined);
  if (one !== undefined) expect(again.delta).toEqual(one.delta);
}

async function judge(
  store: ContactStore,
  { before, deliveries, file, duplicates }: Scenario,
  atOnce: boolean,
): Promise<void> {
  const run = newImport();
  await prepare(store, run.owner, before);
  const chunks = deliveries.map(({ chunk, rows }) => ({ ...chunkOf(run, chunk, rows), duplicates }));
  const first = new Map<number, AppliedChunk>();
  if (atOnce) {
    const answers = await Promise.all(chunks.map((chunk) => store.applyChunk(chunk)));
    answers.forEach((answer, index) => {
      if (!answer.replayed) first.set(chunks[index]?.chunk ?? -1, answer);
    });
  } else {
    for (const chunk of chunks) {
      const answer = await store.applyChunk(chunk);
      expectSame(first.get(chunk.chunk), answer, chunk);
      if (!answer.replayed) first.set(chunk.chunk, answer);
    }
  }
  const model = importWholeFile(before, file, duplicates);
  const totals = sumOf([...first.values()].map((answer) => answer.delta));
  expect(totals).toMatchObject(model.totals);
  expect(sumRows(totals)).toBe(file.length);
  expect(await contactsOf(store, run.owner)).toEqual(model.contacts);
  const ledger = await store.ledgerTotals(run.importId, run.uploadId);
  expect(ledger).toEqual({ chunks: first.size, rows: file.length, delta: totals });
}

/** The buckets of the chunks, delivered in this order. */
async function totalsOf(store: ContactStore, chunks: readonly ChunkToApply[]) {
  const answers: AppliedChunk[] = [];
  for (const chunk of chunks) answers.push(await store.applyChunk(chunk));
  return sumOf(answers.filter(({ replayed }) => !replayed).map((answer) => answer.delta));
}

/** A dry run, what is stored then, and the real run: both count the same. */
async function judgeDryRun(
  store: ContactStore,
  database: Database,
  { before, deliveries }: Scenario,
): Promise<void> {
  const { owner } = newImport();
  await prepare(store, owner, before);
  const contents = async () => (await store.listContacts({ owner, limit: 500 })).items;
  const stored = await contents();
  const [dry, real] = [newImport(owner), newImport(owner)];
  const chunksOf = (run: typeof dry) => deliveries.map(({ chunk, rows }) => chunkOf(run, chunk, rows));
  const forecast = await totalsOf(
    store,
    chunksOf(dry).map((chunk) => ({ ...chunk, dryRun: true })),
  );
  expect(await contents()).toEqual(stored);
  expect((await store.ledgerTotals(dry.importId, dry.uploadId)).delta).toEqual(forecast);
  while (await store.removeDryRun(dry.importId));
  for (const rest of [
    `SELECT FROM contacts WHERE owner LIKE '%' || $1::text || '%'`,
    'SELECT FROM contact_changes WHERE import_id = $1::text::uuid',
  ]) {
    expect((await database.query(rest, [dry.importId])).rows).toEqual([]);
  }
  expect(await totalsOf(store, chunksOf(real))).toEqual(forecast);
}

export function bucketRuleSuite({ store, database }: Subject): void {
  describe('the bucket rule', () => {
    test('holds for any chunking, order and redelivery, and for each rule for duplicates', async () => {
      await fc.assert(
        fc.asyncProperty(scenario, (any) => judge(store(), any, false)),
        { numRuns: RUNS },
      );
    }, 600_000);

    test('holds when the chunks come at the same time', async () => {
      await fc.assert(
        fc.asyncProperty(scenario, (any) => judge(store(), any, true)),
        { numRuns: RUNS / 3 },
      );
    }, 600_000);

    test('skipped rows are unchanged, and write nothing', async () => {
      const { owner } = newImport();
      await prepare(store(), owner, new Map([['a@example.org', { firstName: 'x' }]]));
      const run = newImport(owner);
      const rows = ['a', 'a', 'b'].map((name, row) =>
        validRow(row, `${name}@example.org`, { firstName: 'y' }),
      );
      const { delta } = await store().applyChunk({ ...chunkOf(run, 0, rows), duplicates: 'skip' });
      expect(delta).toMatchObject({ created: 1, updated: 0, unchanged: 1, duplicate: 1 });
      expect((await contactsOf(store(), owner)).get('a@example.org')).toEqual({ firstName: 'x' });
      expect(await contactOf(store(), owner, 'a@example.org')).toMatchObject({ version: 1 });
    });

    test('a blank is filled, and a time zone only with its country', async () => {
      const { owner } = newImport();
      const old: [string, ModelContact][] = [
        ['a@example.org', { country: 'FR', firstName: 'x' }],
        ['b@example.org', { lastName: 'z' }],
      ];
      await prepare(store(), owner, new Map(old));
      const said = { firstName: 'y', lastName: 'y', country: 'DE', timeZone: 'Europe/Berlin' };
      const rows = ['a', 'b'].map((name, row) => validRow(row, `${name}@example.org`, said));
      const run = newImport(owner);
      const { delta } = await store().applyChunk({ ...chunkOf(run, 0, rows), duplicates: 'fill-blanks' });
      expect(delta).toMatchObject({ created: 0, updated: 2, unchanged: 0 });
      expect(await contactsOf(store(), owner)).toEqual(
        new Map([
          ['a@example.org', { country: 'FR', firstName: 'x', lastName: 'y' }],
          ['b@example.org', { ...said, lastName: 'z' }],
        ]),
      );
      const higher = [validRow(5, 'b@example.org', { firstName: 'w', lastName: 'w' })];
      await store().applyChunk({ ...chunkOf(run, 1, higher), duplicates: 'fill-blanks' });
      expect((await contactsOf(store(), owner)).get('b@example.org')).toMatchObject({
        firstName: 'w',
        lastName: 'z',
      });
    });

    test('counts in a dry run what it counts in the import after it, and nothing of it stays', async () => {
      await fc.assert(
        fc.asyncProperty(scenario, (any) => judgeDryRun(store(), database(), any)),
        { numRuns: RUNS / 3 },
      );
    }, 600_000);

    test('a dry run beside an import of the same owner delays it by nothing, and counts what it finds', async () => {
      const run = newImport();
      const chunks = (dryRun: boolean) =>
        [0, 1, 2].map((chunk) => {
          const rows = Array.from({ length: 50 }, (_, row) => validRow(row, `p${row}@example.org`));
          return { ...chunkOf(dryRun ? newImport(run.owner) : run, chunk, rows), dryRun };
        });
      const dry = chunks(true);
      const [{ importId, uploadId }] = dry as [ChunkToApply];
      const together = dry.map((chunk) => ({ ...chunk, importId, uploadId }));
      const answers = await Promise.all(
        [...together, ...chunks(false)].map((chunk) => store().applyChunk(chunk)),
      );
      const counted = sumOf(answers.slice(0, 3).map((answer) => answer.delta));
      expect(counted.created + counted.unchanged).toBe(50);
      expect(counted.duplicate).toBe(100);
      while (await store().removeDryRun(importId));
      expect((await contactsOf(store(), run.owner)).size).toBe(50);
    });

    test('a higher row that says what was there already keeps a lower one from winning', async () => {
      const { owner } = newImport();
      await prepare(store(), owner, new Map([['a@example.org', { firstName: 'x' }]]));
      const run = newImport(owner);
      const higher = await store().applyChunk(
        chunkOf(run, 1, [validRow(10, 'a@example.org', { firstName: 'x' })]),
      );
      const lower = await store().applyChunk(
        chunkOf(run, 0, [validRow(5, 'a@example.org', { firstName: 'y' })]),
      );
      expect(higher.delta).toMatchObject({ unchanged: 1, updated: 0, duplicate: 0 });
      expect(lower.delta).toMatchObject({ unchanged: 0, updated: 0, duplicate: 1 });
      expect(await contactsOf(store(), owner)).toEqual(new Map([['a@example.org', { firstName: 'x' }]]));
    });
  });
}
