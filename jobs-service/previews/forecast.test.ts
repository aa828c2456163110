/** A preview must say what the import of the same file makes of it: both are asked, over generated files. */
import type { ImportPreview } from '@tidings/contracts/files/preview.ts';
import type { ChunkWork } from '@tidings/contracts/imports/work.ts';
import { decodeChunkWork } from '@tidings/contracts/schemas/imports/work.ts';
import { workTopics } from '@tidings/contracts/topics.ts';
import { parseChunk } from '@tidings/csv/cutting/records.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { startReferenceData } from '@tidings/reference-data/app.ts';
import { type ValidatedChunk, validateChunk } from '@tidings/rows/validate.ts';
import { openTestLog, readAll } from '@tidings/testing/log.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import fc from 'fast-check';
import iconv from 'iconv-lite';
import { expect, onTestFinished, test } from 'vitest';
import { openCountries } from '../reference/countries.ts';
import { startApiServer } from '../test/api-server.ts';

const cells: Record<string, readonly string[]> = {
  email: ['ada@a.test', ' Bob <bob@b.test>', 'c@c.test; d@d.test', 'nobody', '', 'e@e.test'],
  'E-Mail 2': ['f@f.test', '', '-', 'nobody'],
  Vorname: ['Zoë', 'Ann', '', '-', 'Jörg'],
  Name: ['Lovelace', 'Ada Lovelace', ''],
  Telefon: ['030 23125000', '+49 151 23456789', '12', '', 'x'],
  Handy: ['0151 23456789', '', '+49 30 23125000'],
  Land: ['DE', 'Atlantis', '', 'Österreich'],
  Notiz: ['a, b; c', '"x" y', '', '00123', 'one\ntwo'],
  '': ['', 'z'],
};

function rarely<Value>(arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> {
  return fc.oneof({ weight: 8, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
}

const odd = fc.constantFrom('short', 'long', 'blank', 'stray quote', 'lost letter', 'NUL');
const rowOf = (header: readonly string[]) =>
  fc.record({
    cells: fc.tuple(...header.map((name) => fc.constantFrom(...(cells[name] ?? [''])))),
    kind: fc.oneof({ weight: 6, arbitrary: fc.constant('plain') }, { weight: 1, arbitrary: odd }),
  });

const files = fc
  .record({
    header: fc
      .subarray(Object.keys(cells).filter((name) => name !== 'email'))
      .chain((names) => fc.shuffledSubarray(['email', ...names], { minLength: names.length + 1 })),
    delimiter: fc.constantFrom(',', ';', '\t', '|', ':'),
    encoding: fc.constantFrom('utf8', 'utf16le', 'windows-1252'),
    titles: fc.constantFrom('', 'Kontakte\n', 'sep=;\n', 'Kontakte 2026\n\n# remark\n'),
    isHeadless: rarely(fc.constant(true)),
  })
  .chain((file) =>
    fc.record({ file: fc.constant(file), rows: fc.array(rowOf(file.header), { maxLength: 30 }) }),
  )
  .map(({ file, rows }) => {
    const { header, delimiter, encoding, titles, isHeadless } = file;
    const write = (row: readonly string[]) =>
      row
        .map((cell) =>
          /["\n]/.test(cell) || cell.includes(delimiter) ? `"${cell.replaceAll('"', '""')}"` : cell,
        )
        .join(delimiter);
    const lines = rows.map(({ cells: own, kind }) => {
      if (kind === 'short') return write(own.slice(0, 1));
      if (kind === 'long') return write([...own, 'surplus']);
      if (kind === 'blank') return delimiter;
      if (kind === 'stray quote') return `${write(own)}${delimiter}"open`;
      if (kind === 'lost letter') return write([...own.slice(0, -1), 'J\uFFFDrg']);
      return kind === 'NUL' ? write([...own.slice(0, -1), 'a\0b']) : write(own);
    });
    const text = titles + [...(isHeadless ? [] : [write(header)]), ...lines, ''].join('\n');
    return iconv.encode(text, encoding, { addBOM: encoding === 'utf16le' });
  });

const choices = fc.record({
  defaultCountry: fc.constantFrom(undefined, 'DE', 'US'),
  invalidFields: fc.constantFrom(undefined, 'reject', 'leave-out'),
  encoding: rarely(fc.constantFrom('windows-1252', 'utf-8')),
  headerLine: rarely(fc.constantFrom('0', '1')),
  mapping: rarely(fc.constantFrom('{"Handy":"phone"}', '{"Notiz":"","Vorname":"lastName"}')),
});

async function start() {
  const log = await openTestLog();
  const referenceData = await startReferenceData({ log, logger: silentLogger });
  const countries = await openCountries(log, silentLogger);
  onTestFinished(async () => void (await Promise.all([referenceData.stop(), countries.close()])));
  const server = await startApiServer({ log }, { requests: { perMinute: 100_000 } });
  const post = async (path: string, file: Uint8Array, fields: Record<string, string | undefined>) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) if (value !== undefined) form.append(name, value);
    form.append('file', new Blob([Buffer.from(file)]), 'a.csv');
    // An owner of its own: nothing of one file is remembered for the next.
    const token = await server.issueToken(`owner ${Math.random()}`);
    const answer = await server.send(path, token, { method: 'POST', body: form });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  return { log, countries: countries.directory, post };
}

interface Worked {
  readonly work: ChunkWork;
  readonly validated: ValidatedChunk;
}

async function workOf(log: EventLog, importId: unknown, countries: Parameters<typeof validateChunk>[2]) {
  const records = await Promise.all(Object.values(workTopics).map(({ topic }) => readAll(log, topic)));
  const own = records.flat().filter(({ key }) => key.startsWith(String(importId)));
  return Promise.all(
    own.map(async ({ headers, value }): Promise<Worked> => {
      const { work } = decodeChunkWork(headers);
      const parsed = parseChunk(value ?? new Uint8Array(0), work.shape, work.dialect);
      return { work, validated: await validateChunk(parsed, work, countries) };
    }),
  );
}

function countCodes(rows: readonly { readonly codes: readonly string[] }[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const code of rows.flatMap(({ codes }) => codes)) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}

test('the forecast is what an import of the file counts, and the columns are those that it has', {
  timeout: 120_000,
}, async () => {
  const { log, countries, post } = await start();
  let compared = 0;
  const property = fc.asyncProperty(files, choices, async (file, fields) => {
    const asked = await post('/imports/preview', file, fields);
    const sent = await post('/imports', file, fields);
    const preview = asked.body as unknown as ImportPreview;
    // An import stops at its first fault, and a preview goes on to those that no choice mends.
    if (asked.status !== 200) expect(sent.status).toBe(400);
    else expect(sent.body.code).toBe(preview.problems[0]?.code);
    if (sent.status !== 202) return;
    const worked = await workOf(log, sent.body.importId, countries);
    const rows = worked.flatMap(({ validated: { valid, rejected } }) => [...valid, ...rejected]).length;
    expect(preview.rowsRead).toBe(rows);
    expect(preview.forecast).toEqual({
      rows,
      valid: worked.flatMap(({ validated }) => validated.valid).length,
      warnings: countCodes(worked.flatMap(({ validated }) => validated.warned)),
      rejected: countCodes(worked.flatMap(({ validated }) => validated.rejected)),
    });
    for (const { work } of worked) {
      expect(preview.encoding).toBe(work.dialect.encoding);
      expect(preview.columns.map(({ name, target }) => [name, target])).toEqual(
        work.header.map((name, index) => [
          name,
          work.columns[index]?.replace('furtherEmail.', 'attributes.'),
        ]),
      );
      compared += 1;
    }
  });
  await fc.assert(property, { numRuns: 60 });
  expect(compared).toBeGreaterThan(20);
});
