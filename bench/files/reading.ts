/**
 * Measures how many rows of a text file are read a second of CPU, as an upload and an importer read them together: into UTF-8 of one grammar, cut
 * into chunks, and divided into cells. The baseline, in the same run, is the same contacts in UTF-8 without quotes.
 */
import { Cutter } from '@tidings/csv/cutting/cut.ts';
import { parseChunk } from '@tidings/csv/cutting/records.ts';
import { SNIFF_BYTES, sniff } from '@tidings/csv/sniff.ts';
import { SourceReader } from '@tidings/csv/source.ts';
import { writeQuotedRecord, writeRecord } from '@tidings/csv/writing/write.ts';
import iconv from 'iconv-lite';
import { median, numberOption } from '../measure.ts';

const ROUNDS = 7;
/** Bytes of a piece, as a socket delivers them. */
const PIECE_BYTES = 64 * 1024;

interface Written {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** The encoding that a person names, where it is not told by the file. */
  readonly encoding?: string;
  /** The file whose speed this one is compared with, and the share of it that is to be reached. */
  readonly beside?: string;
  readonly toReach?: number;
}

/** `--rows 200000`: prints rows a second of CPU for each way of writing, as medians of seven runs in turn, beside the same rows in plain UTF-8. */
export async function run(words: string[]): Promise<void> {
  const rows = numberOption(words, 'rows', 200_000);
  const files = writeFiles(rows);
  const times = new Map(files.map(({ name }) => [name, [] as number[]]));
  for (let round = 0; round < ROUNDS; round++)
    for (const file of files) times.get(file.name)?.push(read(file, rows));
  for (const { name, bytes, beside, toReach } of files) {
    const seconds = median(times.get(name) ?? []);
    const share = median(times.get(beside ?? '') ?? []) / seconds;
    const compared = beside === undefined ? '' : `, ${share.toFixed(2)} of ${beside} (to reach: ${toReach})`;
    const size = `${(bytes.length / 1e6).toFixed(1)} MB`;
    console.log(
      `${name}: ${size}, ${(rows / seconds / 1000).toFixed(0)},000 rows a second of CPU${compared}`,
    );
  }
}

/** @returns seconds of CPU */
function read({ bytes, encoding }: Written, rows: number): number {
  const before = process.cpuUsage();
  const sniffed = sniff(bytes.subarray(0, SNIFF_BYTES), { complete: false, encoding });
  const { dialect } = sniffed;
  const source = new SourceReader(sniffed);
  const cutter = new Cutter({ delimiter: dialect.delimiter });
  let found = 0;
  const take = (text: Uint8Array) => {
    for (const chunk of cutter.push(text)) found += parseChunk(chunk.bytes, chunk.shape, dialect).rows.length;
  };
  for (let from = 0; from < bytes.length; from += PIECE_BYTES)
    take(source.push(bytes.subarray(from, from + PIECE_BYTES)));
  take(source.end());
  for (const chunk of cutter.end()) found += parseChunk(chunk.bytes, chunk.shape, dialect).rows.length;
  if (found !== rows) throw new Error(`${found} rows were read of ${rows}`);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

function writeFiles(rows: number): Written[] {
  const latin = contacts(rows, 'Lovelace');
  const cyrillic = contacts(rows, 'Шевченко');
  const text = (records: readonly (readonly string[])[], write: (cells: readonly string[]) => string) =>
    records.map((cells) => write(cells)).join('');
  const encode = (written: string) => new TextEncoder().encode(written);
  const plainCyrillic = text(cyrillic, writeRecord);
  return [
    { name: 'plain', bytes: encode(text(latin, writeRecord)) },
    {
      name: 'every cell quoted',
      bytes: encode(text(latin, (cells) => writeQuotedRecord(cells, ','))),
      beside: 'plain',
      toReach: 0.8,
    },
    { name: 'Cyrillic', bytes: encode(plainCyrillic) },
    {
      name: 'Cyrillic in windows-1251',
      bytes: iconv.encode(plainCyrillic, 'windows-1251'),
      encoding: 'windows-1251',
      beside: 'Cyrillic',
      toReach: 0.6,
    },
    {
      name: 'Cyrillic in UTF-16',
      bytes: iconv.encode(plainCyrillic, 'utf-16le', { addBOM: true }),
      beside: 'Cyrillic',
      toReach: 0.6,
    },
  ];
}

function contacts(rows: number, name: string): string[][] {
  const header = ['email', 'first name', 'last name', 'phone', 'country', 'company', 'notes'];
  const records = Array.from({ length: rows }, (_, row) => [
    `person${row}@example.org`,
    `First${row % 997}`,
    `${name}${row % 9973}`,
    `+49151${10_000_000 + row}`,
    'DE',
    'Analytical Engines Ltd',
    `note ${row}`,
  ]);
  return [header, ...records];
}
