/** What a reading is worth: records that are the file's, records that are not, and Pollock's measures. */
import type { Table } from './dirty-file.ts';
import type { Reading } from './readers.ts';

export interface Tally {
  /** Records that the files have. */
  expected: number;
  /** Records that an import would take, and that are the file's, cell by cell. */
  exact: number;
  /** Records that an import would take, and that the file does not have. */
  wrong: number;
  /** Sum of Pollock's scores, 0 to 10 a file. */
  score: number;
  files: number;
  refused: number;
}

export function emptyTally(): Tally {
  return { expected: 0, exact: 0, wrong: 0, score: 0, files: 0, refused: 0 };
}

export function addReading(tally: Tally, reading: Reading, expected: Table): void {
  const taken = takenRecords(reading, expected);
  const exact = shared(taken.map(keyOf), expected.records.map(keyOf));
  tally.files += 1;
  tally.expected += expected.records.length;
  tally.exact += exact;
  tally.wrong += taken.length - exact;
  tally.score += pollockScore(reading, expected);
  if (reading.verdict.startsWith('refused')) tally.refused += 1;
}

/** Rows whose width is not the header's are rejected, whoever reads; blank cells beyond it do not count, and nameless last columns may be missing. */
function takenRecords(
  { header, records, cutsBlankCells, countsSurplusCells }: Reading,
  expected: Table,
): (readonly string[])[] {
  const names = header ?? expected.records[0] ?? [];
  const width = names.length;
  const least = cutsBlankCells ? 0 : names.findLastIndex((name) => name.trim() !== '') + 1;
  return records.flatMap((cells) => {
    const isBlank = cells.every((cell) => cell.trim() === '');
    const surplus = cells.slice(width);
    const isLong = surplus.length > 0 && (countsSurplusCells || surplus.some((cell) => cell.trim() !== ''));
    if (isBlank || isLong || cells.length < least) return [];
    return [Array.from({ length: width }, (_, index) => cells[index] ?? '')];
  });
}

/** Success, and precision, recall and F1 of header, records and cells: 10 where all is right. */
function pollockScore({ header, records, verdict }: Reading, expected: Table): number {
  if (verdict.startsWith('refused')) return 0;
  return (
    1 +
    measures(header ?? [], expected.header ?? []) +
    measures(records.map(keyOf), expected.records.map(keyOf)) +
    measures(records.flat(), expected.records.flat())
  );
}

function measures(loaded: readonly string[], wanted: readonly string[]): number {
  if (wanted.length === 0) return 3;
  const both = shared(loaded, wanted);
  if (both === 0) return 0;
  const [precision, recall] = [both / wanted.length, both / loaded.length];
  return precision + recall + (2 * precision * recall) / (precision + recall);
}

/** How many stand in both, each as often as in the one that has it less. */
function shared(some: readonly string[], others: readonly string[]): number {
  const left = new Map<string, number>();
  for (const one of others) left.set(one, (left.get(one) ?? 0) + 1);
  let count = 0;
  for (const one of some) {
    const more = left.get(one) ?? 0;
    if (more === 0) continue;
    left.set(one, more - 1);
    count += 1;
  }
  return count;
}

function keyOf(cells: readonly string[]): string {
  return JSON.stringify(cells);
}
