/**
 * Measures the byte scan in MB/s against csv-parse on the same bytes, in the same run: the cost of finding records beside
 * the cost of reading them.
 */

import { Cutter } from '@tidings/csv/cutting/cut.ts';
import { writeRecord } from '@tidings/csv/writing/write.ts';
import { parse } from 'csv-parse/sync';

const DEFAULT_ROWS = 200_000;
const ROUNDS = 5;
/** Bytes per push, as a socket delivers them. */
const PIECE_BYTES = 64 * 1024;

/** Prints both figures, plain and quoted, as medians of five runs, and their ratio. `args`: `[rows = 200000]`. */
export async function run(args: string[]): Promise<void> {
  const rows = Number(args[0] ?? DEFAULT_ROWS);
  if (!Number.isInteger(rows) || rows < 1)
    throw new Error('usage: cut [rows], rows being a whole number from 1');
  for (const quoted of [false, true])
    compare(quoted ? 'every cell quoted' : 'no quotes', contacts(rows, quoted));
}

function compare(name: string, file: Uint8Array): void {
  const cutTimes: number[] = [];
  const parseTimes: number[] = [];
  let rows = 0;
  // One run of each in turn, so that a busy moment of the machine falls on both.
  for (let round = 0; round < ROUNDS; round++) {
    cutTimes.push(time(() => (rows = cut(file))));
    parseTimes.push(time(() => expectRows(parseWhole(file), rows)));
  }
  const megabytes = file.length / 1e6;
  const cutSpeed = megabytes / median(cutTimes);
  const parseSpeed = megabytes / median(parseTimes);
  console.log(
    `${name}: ${megabytes.toFixed(1)} MB, ${rows} rows; cut ${cutSpeed.toFixed(0)} MB/s, ` +
      `csv-parse ${parseSpeed.toFixed(1)} MB/s, ratio ${(cutSpeed / parseSpeed).toFixed(1)} (medians of ${ROUNDS})`,
  );
}

function cut(file: Uint8Array): number {
  const cutter = new Cutter({ delimiter: ',' });
  for (let from = 0; from < file.length; from += PIECE_BYTES) {
    cutter.push(file.subarray(from, from + PIECE_BYTES));
  }
  cutter.end();
  return cutter.rows;
}

function parseWhole(file: Uint8Array): number {
  return parse(file, { record_delimiter: ['\r\n', '\n', '\r'], skip_empty_lines: true }).length - 1;
}

function expectRows(found: number, expected: number): void {
  if (found !== expected) throw new Error(`csv-parse found ${found} rows, the cutter ${expected}`);
}

/** Contacts like those of real files: seven columns, about 90 bytes a row. */
function contacts(rows: number, quoted: boolean): Uint8Array {
  const parts = ['email,first name,last name,phone,country,company,notes\r\n'];
  for (let row = 0; row < rows; row++) {
    const cells = [
      `user${row}@example.com`,
      `First${row}`,
      `Last${row}`,
      `+49 30 ${row}`,
      'DE',
      'Some Company GmbH',
      `notes about ${row}`,
    ];
    parts.push(quoted ? `${cells.map((cell) => `"${cell}"`).join(',')}\r\n` : writeRecord(cells));
  }
  return new TextEncoder().encode(parts.join(''));
}

function time(work: () => unknown): number {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1000;
}

function median(values: number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
