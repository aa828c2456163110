import { concat } from '../bytes.ts';
import { firstRows } from '../preview.ts';
import { type SniffOptions, sniff } from '../sniff.ts';
import { SourceReader } from '../source.ts';

/** The header and the rows of a whole small file. */
export function readRecords(
  bytes: Uint8Array,
  options: Omit<SniffOptions, 'complete'> = {},
): { header: readonly string[]; rows: readonly (readonly string[])[] } {
  const sniffed = sniff(bytes, { ...options, complete: true });
  const source = new SourceReader(sniffed);
  const text = concat([source.push(bytes), source.end()]);
  const hasHeader = sniffed.header === null;
  const reading = { complete: true, limit: 1_000, hasHeader: false };
  const [first = [], ...others] = firstRows(text, sniffed.dialect.delimiter, reading);
  return hasHeader
    ? { header: first, rows: others }
    : { header: sniffed.header ?? [], rows: [first, ...others] };
}
