/**
 * `GET /imports/{id}/rejected.csv`: the rejected rows with their own cells, and why. Safe to open in a spreadsheet, and
 * loss-free to fix and drop again: see `packages/csv/writing/rejected-export.ts`.
 */
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import type { RequestHandler } from 'express';
import { exportWriter } from './rejected-cells.ts';
import { answerFile, type FileKind, type RejectedFile, type RejectedFileParts } from './rejected-file.ts';

const KIND: FileKind = { extension: 'csv', type: 'text/csv; charset=utf-8' };

export function rejectedCsv(parts: RejectedFileParts): RequestHandler {
  return answerFile(parts, KIND, (file) => writeRejected(parts.contactStore, file));
}

async function* writeRejected(
  store: ContactStore,
  { importId, layout, words, onPart }: RejectedFile,
): AsyncIterable<string> {
  const writer = exportWriter(layout, words);
  yield writer.header();
  for await (const rows of store.rejectedRows(importId)) {
    onPart();
    yield rows.map((row) => writer.row(row)).join('');
  }
}
