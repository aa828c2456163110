/** What the first rows of a file would become, by the checks of the importer. */
import type { Dialect } from '@tidings/contracts/files/csv.ts';
import {
  ENCODED_TWICE_SHARE,
  FORECAST_ROWS,
  type ImportPreview,
  type PreviewFault,
  type PreviewNotice,
  type PreviewRow,
  SHOWN_ROWS,
} from '@tidings/contracts/files/preview.ts';
import type { Chunk } from '@tidings/csv/cutting/cut.ts';
import {
  type ParsedChunk,
  type ParsedRow,
  parseChunk,
  type UnreadableCode,
} from '@tidings/csv/cutting/records.ts';
import { type EncodedTwice, isBeyondAscii, readEncodedTwice } from '@tidings/csv/encoded-twice.ts';
import type { CountryLookup } from '@tidings/rows/country-directory.ts';
import {
  type ReadRows,
  type RowRules,
  readRows,
  type ValidatedChunk,
  validateRows,
} from '@tidings/rows/validate.ts';
import { shorten } from './shorten.ts';

export interface PreviewRules extends RowRules {
  /** Of the file as it came. */
  readonly dialect: Dialect;
}

type FaultyRow = ValidatedChunk['rejected'][number];
type Forecast = Pick<ImportPreview, 'rows' | 'rowsNeedingCountry' | 'forecast' | 'notices'>;

export async function forecastRows(
  chunks: readonly Chunk[],
  rules: PreviewRules,
  countries: CountryLookup,
): Promise<Forecast> {
  const parsed = parse(chunks, rules.dialect);
  const read = readRows(firstOf(parsed), rules);
  const validated = await validateRows(read, rules, countries);
  const { valid, warned, rejected } = validated;
  return {
    rows: showRows(read, validated),
    rowsNeedingCountry: await countNeedingCountry(read, validated, rules, countries),
    forecast: {
      rows: valid.length + rejected.length,
      valid: valid.length,
      warnings: countCodes(warned),
      rejected: countCodes(rejected),
    },
    notices: noticesOf(parsed),
  };
}

function parse(chunks: readonly Chunk[], dialect: Dialect): ParsedChunk {
  const parsed: ParsedChunk = { rows: [], rejected: [] };
  for (const { bytes, shape } of chunks) {
    const { rows, rejected } = parseChunk(bytes, shape, dialect);
    parsed.rows.push(...rows);
    parsed.rejected.push(...rejected);
  }
  return parsed;
}

function firstOf({ rows, rejected }: ParsedChunk): ParsedChunk {
  const isFirst = ({ row }: ParsedRow) => row < FORECAST_ROWS;
  return { rows: rows.filter(isFirst), rejected: rejected.filter(isFirst) };
}

function countCodes(rows: readonly FaultyRow[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { codes } of rows) for (const code of codes) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}

/** Counted without the default country, so that the question stays once it is answered. */
async function countNeedingCountry(
  read: ReadRows,
  validated: ValidatedChunk,
  rules: PreviewRules,
  countries: CountryLookup,
): Promise<number> {
  const without = { ...rules, defaultCountry: null };
  const { warned, rejected } =
    rules.defaultCountry === null ? validated : await validateRows(read, without, countries);
  return [...warned, ...rejected].filter(
    ({ codes }) => codes.includes('phone_country_unknown') && !codes.includes('country_unknown'),
  ).length;
}

function showRows({ rows, faulty }: ReadRows, validated: ValidatedChunk): PreviewRow[] {
  const valid = new Map(validated.valid.map((row) => [row.row, row]));
  const faults = new Map([...validated.warned, ...validated.rejected].map((row) => [row.row, faultsOf(row)]));
  const first = [...rows, ...faulty].filter(({ row }) => row < SHOWN_ROWS).sort((a, b) => a.row - b.row);
  return first.map(({ row, line, cells }) => {
    const { email, fields, attributes = {} } = valid.get(row) ?? {};
    return {
      row: row + 1,
      line,
      cells: cells.map(shorten),
      fields: email === undefined ? null : shortenAll({ email, ...fields }),
      attributes: shortenAll(attributes),
      faults: faults.get(row) ?? [],
    };
  });
}

function faultsOf({ codes, parameters }: FaultyRow): PreviewFault[] {
  return codes.map((code) => ({ code, ...parameters[code] }));
}

function shortenAll(texts: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, shorten(text)]));
}

/** Of rows that are rejected for it. */
const unreadableCodes = [
  'replacement_character',
  'invalid_encoding',
] as const satisfies readonly UnreadableCode[];

function noticesOf({ rows, rejected }: ParsedChunk): PreviewNotice[] {
  const unreadable = unreadableCodes.flatMap((code) => {
    const found = rejected.filter(({ codes }) => codes.includes(code));
    const [first] = found;
    return first === undefined ? [] : [{ code, line: first.line, rows: found.length }];
  });
  return [...unreadable, ...encodedTwiceIn([...rows, ...rejected])];
}

function encodedTwiceIn(rows: readonly ParsedRow[]): PreviewNotice[] {
  let beyondAscii = 0;
  const found: { readonly line: number; readonly sample: EncodedTwice }[] = [];
  for (const { line, cells } of rows) {
    const doubtful = cells.filter(isBeyondAscii);
    if (doubtful.length > 0) beyondAscii += 1;
    const sample = doubtful.map((cell) => readEncodedTwice(cell)).find((one) => one !== null);
    if (sample) found.push({ line, sample });
  }
  const first = found.reduce<(typeof found)[number] | null>(
    (least, one) => (least === null || one.line < least.line ? one : least),
    null,
  );
  if (first === null || found.length < beyondAscii * ENCODED_TWICE_SHARE) return [];
  const { written, meant } = first.sample;
  const sample = { written: shorten(written), meant: shorten(meant) };
  return [{ code: 'encoded_twice', line: first.line, rows: found.length, sample }];
}
