/**
 * Measures how many rows of an Excel workbook are read a second of CPU, as CSV text that goes to the cutter, against unpacking and parsing the
 * same bytes by yauzl and saxen alone; and how memory grows with the rows.
 */
import { open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Archive } from '@tidings/workbook/archive/archive.ts';
import { XmlReader } from '@tidings/workbook/archive/xml.ts';
import { Workbook } from '@tidings/workbook/open-workbook.ts';
import { writeSheetText } from '@tidings/workbook/write-sheet-text.ts';
import { cpuSeconds, median } from '../measure.ts';
import { writeLargeWorkbook } from './xlsx/large-workbook.ts';

const DEFAULT_ROWS = 1_000_000;
const ROUNDS = 3;
/** What the largest file has more rows of than the smallest. */
const STEP = 10;
const NEWLINE = 10;
/** Pieces of text for each look at memory, which takes as long as reading some rows. */
const PIECES_A_LOOK = 50;

/** Prints both speeds, as medians of three runs in turn, and the most memory for a tenth of the rows and for all. `args`: `[rows = 1000000]`. */
export async function run(args: string[]): Promise<void> {
  const rows = Number(args[0] ?? DEFAULT_ROWS);
  if (!Number.isInteger(rows) || rows < STEP || rows > 1_048_575)
    throw new Error(`usage: xlsx [rows], a whole number from ${STEP} to 1048575`);
  const path = join(tmpdir(), `tidings-bench-${process.pid}.xlsx`);
  try {
    const small = await measure(path, rows / STEP, 1);
    const large = await measure(path, rows, ROUNDS);
    console.log(
      `${rows} rows of eight columns, four of them different in each row, ${large.megabytes.toFixed(0)} MB: read ${large.read.toFixed(0)} rows a second of CPU, ` +
        `unpacked and parsed alone ${large.parsed.toFixed(0)}, ratio ${(large.read / large.parsed).toFixed(2)} (medians of ${ROUNDS}); ` +
        `most memory ${small.memory.toFixed(0)} MB for a tenth of the rows, ${large.memory.toFixed(0)} MB for all`,
    );
  } finally {
    await rm(path, { force: true });
  }
}

async function measure(path: string, rows: number, rounds: number) {
  await writeLargeWorkbook(path, rows);
  const read: number[] = [];
  const parsed: number[] = [];
  let memory = 0;
  for (let round = 0; round < rounds; round++) {
    const start = cpuSeconds(process.pid);
    memory = Math.max(memory, await readAll(path, rows));
    const between = cpuSeconds(process.pid);
    await parseAll(path);
    read.push(rows / (between - start));
    parsed.push(rows / (cpuSeconds(process.pid) - between));
  }
  const file = await open(path);
  const { size } = await file.stat();
  await file.close();
  return { read: median(read), parsed: median(parsed), memory, megabytes: size / 1e6 };
}

/** @returns megabytes of memory in use, at most */
async function readAll(path: string, rows: number): Promise<number> {
  const file = await open(path);
  const workbook = await Workbook.open(file);
  const [sheet] = workbook?.sheets ?? [];
  if (workbook === null || sheet === undefined) throw new Error('no workbook');
  let lines = 0;
  let pieces = 0;
  let most = 0;
  for await (const bytes of writeSheetText(workbook.rows(sheet))) {
    for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) lines++;
    if (pieces++ % PIECES_A_LOOK > 0) continue;
    const { heapUsed, external } = process.memoryUsage();
    most = Math.max(most, heapUsed + external);
  }
  await file.close();
  if (lines !== rows + 1) throw new Error(`${lines} lines were read of ${rows} rows and a header`);
  return most / 1e6;
}

async function parseAll(path: string): Promise<void> {
  const file = await open(path);
  const archive = await Archive.open(file);
  const nothing = () => undefined;
  for (const part of ['xl/sharedStrings.xml', 'xl/worksheets/sheet1.xml']) {
    const reader = new XmlReader({ open: nothing, text: nothing, close: nothing });
    // Every letter of these parts is one byte.
    for await (const bytes of archive.read(part)) reader.write(bytes.toString('latin1'));
    reader.end();
  }
  await file.close();
}
