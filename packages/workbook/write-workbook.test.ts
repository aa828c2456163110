import { buffer } from 'node:stream/consumers';
import { eventually } from '@tidings/testing/eventually.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Archive } from './archive/archive.ts';
import { Workbook } from './open-workbook.ts';
import { openBytes } from './test/make-workbook.ts';
import {
  fitIntoCell,
  MAX_CELL_CHARACTERS,
  type WorkbookToWrite,
  type WrittenRow,
  writeWorkbook,
} from './write-workbook.ts';

async function* inBatches(rows: readonly WrittenRow[], size = 3): AsyncGenerator<readonly WrittenRow[]> {
  for (let at = 0; at < rows.length; at += size) yield rows.slice(at, at + size);
}

const whole = (cells: readonly string[]): WrittenRow => ({ cells, faults: new Map() });
const write = async (workbook: WorkbookToWrite) => openBytes(await buffer(writeWorkbook(workbook)));

async function read(file: Awaited<ReturnType<typeof write>>): Promise<string[][]> {
  const workbook = await Workbook.open(file);
  const rows: string[][] = [];
  for (const sheet of workbook?.sheets ?? [])
    for await (const some of workbook?.rows(sheet) ?? []) rows.push(...some.map(({ cells }) => cells));
  return rows;
}

test('cells come back as they were, whatever they hold', async () => {
  const piece = fc.constantFrom(
    '_x0041_',
    '_x005F_',
    '&amp;',
    '<',
    '"',
    "'",
    '\r\n',
    '\r',
    '\t',
    '\0',
    '\u0001',
    ' ',
    '=1+1',
    '\ud83d',
    '\ude00',
    '😀',
    '\ufffe',
    'ä',
  );
  const cell = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 8 }),
    fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join('')),
  );
  const row = fc.array(cell, { minLength: 3, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(row, fc.array(row, { maxLength: 8 }), async (header, rows) => {
      const file = await write({ sheet: 'a&b', header, rows: inBatches(rows.map(whole)) });
      expect(await read(file)).toEqual([header, ...rows]);
    }),
    { numRuns: 50 },
  );
});

test('cells at fault are coloured, and have a note', async () => {
  const rows: WrittenRow[] = [
    { cells: ['a', 'b'], faults: new Map([[1, 'Wrong <b>.']]) },
    {
      cells: ['c', ''],
      faults: new Map([
        [0, 'First.'],
        [1, 'Missing.'],
      ]),
    },
  ];
  const archive = await Archive.open(
    await write({ sheet: 's', header: ['one', 'two'], rows: inBatches(rows, 1) }),
  );
  const sheet = await archive.text('xl/worksheets/sheet1.xml');
  const styleOf = (cell: string) => new RegExp(`<c r="${cell}" s="(\\d)"`).exec(sheet)?.[1];
  expect(['A1', 'A2', 'B2', 'A3', 'B3'].map(styleOf)).toEqual(['2', '1', '3', '3', '3']);
  const comments = await archive.text('xl/comments1.xml');
  expect(
    [...comments.matchAll(/ref="(\w+)".*?<t [^>]*>(.*?)<\/t>/g)].map(([, ref, text]) => [ref, text]),
  ).toEqual([
    ['B2', 'Wrong &lt;b&gt;.'],
    ['A3', 'First.'],
    ['B3', 'Missing.'],
  ]);
  const shapes = await archive.text('xl/drawings/vmlDrawing1.vml');
  const places = [...shapes.matchAll(/<x:Row>(\d+)<\/x:Row><x:Column>(\d+)/g)].map(([, ...place]) => place);
  expect(places).toEqual([
    ['1', '1'],
    ['2', '0'],
    ['2', '1'],
  ]);
});

test('no row is taken for a reader that has left, and rows that fail fail the reader', async () => {
  let isOver = false;
  const endless = async function* () {
    try {
      for (;;) {
        await new Promise(setImmediate);
        yield Array.from({ length: 100 }, (_, index) => whole([`${Math.random()}`.repeat(50), `${index}`]));
      }
    } finally {
      isOver = true;
    }
  };
  for await (const bytes of writeWorkbook({ sheet: 's', header: ['a', 'b'], rows: endless() }))
    if (bytes.length > 10_000) break;
  await eventually(() => expect(isOver).toBe(true));
  const failing = async function* (): AsyncGenerator<WrittenRow[]> {
    yield [whole(['a'])];
    throw new Error('the store is away');
  };
  await expect(buffer(writeWorkbook({ sheet: 's', header: ['a'], rows: failing() }))).rejects.toThrow('away');
});

test('a text that is too long for a cell is cut off, and says so', () => {
  const long = 'x'.repeat(MAX_CELL_CHARACTERS);
  expect(fitIntoCell(long)).toBe(long);
  const cut = fitIntoCell(`${long}y`);
  expect([cut.length, cut.slice(-3)]).toEqual([MAX_CELL_CHARACTERS, 'x…\uFFFD']);
  const pairs = fitIntoCell('😀'.repeat(MAX_CELL_CHARACTERS));
  expect(Buffer.from(pairs).toString()).toBe(pairs);
});
