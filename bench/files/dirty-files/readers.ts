/**
 * The readers that are compared: ours, as an upload reads; csv-parse, strict and lenient; PapaParse. None is told how a file is written;
 * csv-parse, whose own guess takes quotes for delimiters, gets the delimiter that PapaParse finds.
 */

import { parseChunk } from '@tidings/csv/cutting/records.ts';
import { CsvError } from '@tidings/csv/errors.ts';
import { SNIFF_BYTES } from '@tidings/csv/sniff.ts';
import { beginFile, readHeader } from '@tidings/jobs-service/uploads/splitting/file-beginning.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';
import { type Options, parse } from 'csv-parse/sync';
import Papa from 'papaparse';
import type { Table } from './dirty-file.ts';

export interface Reading extends Table {
  /** Whether cells that are missing at a row's end are blank. */
  readonly cutsBlankCells: boolean;
  /** Whether cells beyond the header count though they are blank. */
  readonly countsSurplusCells: boolean;
  /** What the reader says of the file: `read`, or the code of what it asks or refuses. */
  readonly verdict: string;
}

export interface Reader {
  readonly name: string;
  read(bytes: Uint8Array): Reading;
}

const nothing: Reading = {
  header: null,
  records: [],
  cutsBlankCells: false,
  countsSurplusCells: false,
  verdict: 'read',
};

export const readers: readonly Reader[] = [
  { name: 'Tidings', read: readAsUpload },
  {
    name: 'csv-parse',
    read: (bytes) => readByCsvParse(bytes, { skip_records_with_error: true }),
  },
  {
    name: 'csv-parse, relaxed',
    read: (bytes) => readByCsvParse(bytes, { relax_quotes: true }),
  },
  { name: 'PapaParse', read: readByPapaParse },
];

function readAsUpload(bytes: Uint8Array): Reading {
  const asked: string[] = [];
  try {
    const first = bytes.subarray(0, SNIFF_BYTES);
    const complete = first.length === bytes.length;
    const beginning = beginFile(first, { complete, takeFault: ({ code }) => asked.push(code) });
    const { sniffed, source, cutter, text } = beginning;
    const rest = bytes.subarray(first.length);
    const chunks = [text, source.push(rest), source.end()].flatMap((piece) => cutter.push(piece));
    chunks.push(...cutter.end());
    const { cells, cutsBlankCells } = readHeader(beginning, cutter.header);
    const records = chunks.flatMap(
      ({ bytes: chunk, shape }) => parseChunk(chunk, shape, sniffed.dialect).rows,
    );
    return {
      header: sniffed.header === null ? cells : null,
      // An import drops blanks at the ends of every cell.
      records: records.map((record) => record.cells.map((cell) => cell.trim())),
      cutsBlankCells,
      countsSurplusCells: sniffed.hasUnnamedColumn,
      verdict: asked.length === 0 ? 'read' : `asked: ${asked.join(', ')}`,
    };
  } catch (error) {
    if (!(error instanceof CsvError || error instanceof Problem)) throw error;
    // A file without a byte holds nothing, and that is what was read of it.
    return error.code === 'file_empty' ? nothing : { ...nothing, verdict: `refused: ${error.code}` };
  }
}

function readByCsvParse(bytes: Uint8Array, options: Options): Reading {
  try {
    const { delimiter } = parseByPapa(bytes).meta;
    const records: string[][] = parse(Buffer.from(bytes), {
      bom: true,
      delimiter,
      relax_column_count: true,
      skip_empty_lines: true,
      ...options,
    });
    return tableOf(records);
  } catch (error) {
    return { ...nothing, verdict: `refused: ${error instanceof Error ? error.message : 'error'}` };
  }
}

function readByPapaParse(bytes: Uint8Array): Reading {
  return tableOf(parseByPapa(bytes).data);
}

function parseByPapa(bytes: Uint8Array): Papa.ParseResult<string[]> {
  return Papa.parse<string[]>(new TextDecoder('utf-8').decode(bytes), { skipEmptyLines: 'greedy' });
}

function tableOf([header, ...records]: readonly string[][]): Reading {
  return header === undefined ? nothing : { ...nothing, header, records };
}
