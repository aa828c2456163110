/**
 * `GET /imports/{id}/rejected.xlsx`: the same rows as `rejected.csv`, as a workbook whose cells are text. Cells at fault are coloured and
 * have the reason as a note; a row whose fault is in no cell has it at `_code`. What is dropped again is read as `rejected.csv` is.
 */
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import { sentenceOf } from '@tidings/contracts/files/row-words/reasons.ts';
import type { RowReasonWords } from '@tidings/contracts/files/row-words/row-words.ts';
import { keepRestored } from '@tidings/csv/writing/neutralise.ts';
import type { ExportedRow, RejectedExportWriter } from '@tidings/csv/writing/rejected-export.ts';
import {
  fitIntoCell,
  MAX_SHEET_ROWS,
  type WrittenRow,
  writeWorkbook,
} from '@tidings/workbook/write-workbook.ts';
import type { RequestHandler } from 'express';
import { exportWriter } from './rejected-cells.ts';
import { answerFile, type FileKind, type RejectedFile, type RejectedFileParts } from './rejected-file.ts';

const KIND: FileKind = {
  extension: 'xlsx',
  type: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  maxRows: MAX_SHEET_ROWS,
};

export function rejectedXlsx(parts: RejectedFileParts): RequestHandler {
  return answerFile(parts, KIND, (file) => {
    const writer = exportWriter(file.layout, file.words);
    const rows = writtenRows(parts.contactStore, file, writer);
    return writeWorkbook({ sheet: 'rejected', header: writer.names().map(inCell), rows });
  });
}

async function* writtenRows(
  store: ContactStore,
  { importId, words, onPart }: RejectedFile,
  writer: RejectedExportWriter,
): AsyncGenerator<WrittenRow[]> {
  for await (const rows of store.rejectedRows(importId)) {
    onPart();
    yield rows.map((row) => ({ cells: writer.cells(row).map(inCell), faults: faultsOf(row, writer, words) }));
  }
}

/** Nothing in a cell of text runs: an apostrophe is needed only where one would be taken away when the file is dropped again. */
function inCell(text: string): string {
  return fitIntoCell(keepRestored(text));
}

/** By the place of the cell that is at fault, what is wrong with it. */
function faultsOf(
  { codes, parameters }: ExportedRow,
  { kept }: RejectedExportWriter,
  words: RowReasonWords,
): ReadonlyMap<number, string> {
  // Behind the file's columns stand `_line` and `_code`.
  const codePlace = kept.length + 1;
  const faults = new Map<number, string>();
  for (const code of codes) {
    const { column } = parameters[code] ?? {};
    const found = column === undefined ? -1 : kept.indexOf(column);
    const place = found < 0 ? codePlace : found;
    const told = `${sentenceOf(code, parameters[code], words)} (${code})`;
    const before = faults.get(place);
    faults.set(place, before === undefined ? told : `${before}\n${told}`);
  }
  return faults;
}
