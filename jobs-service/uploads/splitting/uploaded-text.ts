/**
 * Opens the file of an upload as CSV text: a text as it comes, a workbook as one of its sheets. A workbook tells at its end what is in
 * it, so it is written to a file without a name first; an upload that breaks off leaves nothing of it, and no import.
 */
import { CsvError } from '@tidings/csv/errors.ts';
import { recogniseArchive, recogniseKind } from '@tidings/csv/signatures.ts';
import { SNIFF_BYTES } from '@tidings/csv/sniff.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';
import { ARCHIVE_BEGIN_BYTES, mayBeWorkbook, type Sheet, Workbook } from '@tidings/workbook/open-workbook.ts';
import { openSpool } from '@tidings/workbook/spool.ts';
import { writeSheetText } from '@tidings/workbook/write-sheet-text.ts';
import { noRoom, tooLarge } from '../upload-failures.ts';
import { HeldWorkbooks, type WorkbookSource } from './held-workbooks.ts';

export interface UploadedText {
  /** CSV, to be read once. */
  readonly text: AsyncIterable<Uint8Array>;
  /** null where the file is a text. */
  readonly sheet: OpenedSheet | null;
  /** Frees what it holds. */
  close(): Promise<void>;
}

export interface OpenedSheet {
  readonly name: string;
  /** Of the sheets that the workbook has, the hidden ones among them. */
  readonly names: readonly string[];
  /** Of the workbook. */
  readonly fileBytes: number;
  /** The number of its last row, as it says itself; null before its first rows were read, and where it does not. */
  lastRow(): number | null;
}

export interface UploadedTextOptions {
  /** The name of the sheet, or its number from 1; default: the first one that shows. */
  readonly sheet?: string;
  /** Bytes of the file, at most. */
  readonly maxBytes: number;
  /** Who brings the file. */
  readonly source: WorkbookSource;
  /** Default: the workbooks that this process holds. */
  readonly heldWorkbooks?: HeldWorkbooks;
}

/** Bytes of a workbook, at most: a million rows of ten columns are about 80 MiB. */
const MAX_WORKBOOK_BYTES = 256 * 1024 * 1024;
/** Of uploads and previews together. */
const heldByProcess = new HeldWorkbooks();

/** @throws Problem, CsvError, or what the stream fails with */
export async function openUploadedText(
  stream: AsyncIterable<Uint8Array>,
  options: UploadedTextOptions,
): Promise<UploadedText> {
  const parts = stream[Symbol.asyncIterator]();
  const first = await readFirst(parts, ARCHIVE_BEGIN_BYTES);
  if (!mayBeWorkbook(first)) {
    return { text: joined(first, parts), sheet: null, close: async () => undefined };
  }
  const begin = await readFirst(parts, SNIFF_BYTES, first);
  refuseOtherKinds(begin);
  return openSheet(joined(begin, parts), options);
}

async function openSheet(
  stream: AsyncIterable<Uint8Array>,
  { sheet, maxBytes, source, heldWorkbooks = heldByProcess }: UploadedTextOptions,
): Promise<UploadedText> {
  const spool = await orUnavailable(openSpool());
  const held = heldWorkbooks.hold(source);
  let fileBytes = 0;
  const close = () => spool.close().finally(held.release);
  try {
    let begin: Uint8Array | null = null;
    for await (const bytes of stream) {
      begin ??= bytes;
      fileBytes += bytes.length;
      if (fileBytes > Math.min(maxBytes, MAX_WORKBOOK_BYTES)) throw workbookTooLarge(maxBytes);
      await held.grow(bytes.length);
      await orUnavailable(spool.writeFile(bytes));
    }
    const workbook = await Workbook.open(spool);
    if (workbook === null) throw new CsvError('not_csv', recogniseArchive(begin ?? new Uint8Array(0)));
    const chosen = chooseSheet(workbook.sheets, sheet);
    const names = workbook.sheets.map(({ name }) => name);
    const opened = { name: chosen.name, names, fileBytes, lastRow: () => workbook.lastRow };
    return { text: writeSheetText(workbook.rows(chosen)), sheet: opened, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** @throws Problem invalid_request, where the workbook has no such sheet */
function chooseSheet(sheets: readonly Sheet[], wanted: string | undefined): Sheet {
  const [first] = sheets;
  if (first === undefined)
    throw new CsvError(
      'workbook_unreadable',
      'The workbook has no sheet with rows. Save its table as CSV, and drop that file.',
    );
  if (wanted === undefined) return sheets.find(({ isHidden }) => !isHidden) ?? first;
  const folded = fold(wanted);
  const found =
    sheets.find(({ name }) => name === wanted) ??
    sheets.find(({ name }) => fold(name) === folded) ??
    (/^\d+$/.test(folded) ? sheets[Number(folded) - 1] : undefined);
  if (found !== undefined) return found;
  const message = `The workbook has no sheet “${wanted}”. It has ${listOf(sheets.map(({ name }) => name))}.`;
  throw new Problem('invalid_request', message, { field: 'sheet' });
}

function fold(name: string): string {
  return name.normalize('NFKC').trim().toLowerCase();
}

/** Names that a message lists, at most. */
const LISTED_NAMES = 20;

function listOf(names: readonly string[]): string {
  const listed = names
    .slice(0, LISTED_NAMES)
    .map((name) => `“${name}”`)
    .join(', ');
  return names.length > LISTED_NAMES ? `${listed} and others` : listed;
}

/** The problem, with the workbook's sheets where another one may be meant. */
export function namingSheets(problem: Problem, sheet: OpenedSheet | null): Problem {
  if (sheet === null || sheet.names.length < 2) return problem;
  if (problem.code !== 'no_email_column' && problem.code !== 'file_empty') return problem;
  const message = `${problem.message} This was the sheet “${sheet.name}” of ${listOf(sheet.names)}: the field “sheet” names another one.`;
  return new Problem(problem.code, message, problem.place, { cause: problem });
}

/** @param length bytes that are read at least, where the file has them */
async function readFirst(
  parts: AsyncIterator<Uint8Array>,
  length: number,
  known: Uint8Array = new Uint8Array(0),
): Promise<Uint8Array> {
  const read = [known];
  for (let size = known.length; size < length; ) {
    const next = await parts.next();
    if (next.done === true) break;
    read.push(next.value);
    size += next.value.length;
  }
  return read.length === 1 ? known : Buffer.concat(read);
}

async function* joined(first: Uint8Array, parts: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    if (first.length > 0) yield first;
    for (let next = await parts.next(); next.done !== true; next = await parts.next()) yield next.value;
  } finally {
    await parts.return?.();
  }
}

/** An archive that shows from its first bytes what else it is. @throws CsvError not_csv */
function refuseOtherKinds(begin: Uint8Array): void {
  const kind = recogniseKind(begin);
  if (kind !== null && !/workbook|zip archive/.test(kind)) throw new CsvError('not_csv', kind);
}

function workbookTooLarge(maxBytes: number): Problem {
  if (maxBytes <= MAX_WORKBOOK_BYTES) return tooLarge(maxBytes);
  const message = `The workbook is larger than ${MAX_WORKBOOK_BYTES / 1024 ** 2} MiB. Save it as CSV, which may be longer, and drop that file.`;
  return new Problem('file_too_large', message, { field: 'file' });
}

/** Failures of the disk, as problems. */
async function orUnavailable<Result>(step: Promise<Result>): Promise<Result> {
  try {
    return await step;
  } catch (error) {
    throw noRoom(error);
  }
}
