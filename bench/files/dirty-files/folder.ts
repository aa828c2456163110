/** Reads a folder of dirty files: in Pollock's layout, or any other one, where nobody says what is right. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'csv-parse/sync';
import type { DirtyFile, Table } from './dirty-file.ts';

/** Files that are read, at most, and bytes of each. */
const MAX_FILES = 20_000;
const MAX_BYTES = 16 * 1024 * 1024;

const TEXT_ENDINGS = /\.(?:csv|tsv|txt|tab|psv|dat)$/i;

/**
 * Pollock's layout: `csv/NAME`, with what is right in `clean/NAME`, and `parameters/NAME_parameters.json`, of which only `header_lines` is
 * taken: the readers find the others. @throws Error that says what is missing
 */
export function readFolder(folder: string): DirtyFile[] {
  if (!existsSync(folder)) throw new Error(`There is no folder ${folder}.`);
  const own = join(folder, 'csv');
  const isPollock = existsSync(own) && existsSync(join(folder, 'clean'));
  const names = listFiles(isPollock ? own : folder);
  if (names.length === 0) throw new Error(`There is no file that ends in .csv, .tsv or .txt in ${folder}.`);
  return names.map((path) => ({
    name: basename(path),
    bytes: readFileSync(path),
    expected: isPollock ? readExpected(folder, basename(path)) : null,
  }));
}

function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => TEXT_ENDINGS.test(name))
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile() && statSync(path).size <= MAX_BYTES)
    .slice(0, MAX_FILES)
    .sort();
}

function readExpected(folder: string, name: string): Table | null {
  const path = join(folder, 'clean', name);
  if (!existsSync(path)) return null;
  const text = readFileSync(path);
  const records: string[][] = parse(text, { relax_column_count: true, skip_empty_lines: true });
  const parameters = join(folder, 'parameters', `${name}_parameters.json`);
  const said = existsSync(parameters) ? JSON.parse(readFileSync(parameters, 'utf8')) : {};
  if (said.header_lines === 0) return { header: null, records };
  const [header = null, ...rows] = records;
  return { header, records: rows };
}
