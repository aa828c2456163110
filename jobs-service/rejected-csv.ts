/**
 * `GET /imports/{id}/rejected.csv`: the rejected rows with their own cells, and why. Safe to open in a spreadsheet, and
 * loss-free to fix and drop again: see `csv/rejected-export.ts`.
 */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import type { ContactStore } from '../contact-store/contact-store.ts';
import { columnsNeeded, type OptionalColumns, RejectedExportWriter } from '../csv/rejected-export.ts';
import { attachmentNamed } from '../service-kit/content-disposition.ts';

export async function sendRejectedCsv(
  response: Response,
  store: ContactStore,
  importId: string,
  fileName: string,
): Promise<void> {
  const name = `${fileName.replace(/\.[^.]*$/, '')}-rejected.csv`;
  response.status(200).type('text/csv; charset=utf-8');
  response.set('Content-Disposition', attachmentNamed(name, 'rejected.csv'));
  await pipeline(Readable.from(writeRejected(store, importId)), response);
}

async function* writeRejected(store: ContactStore, importId: string): AsyncIterable<string> {
  const { header, delimiter } = (await store.importLayout(importId)) ?? { header: [], delimiter: ',' };
  const writer = new RejectedExportWriter(
    header,
    delimiter,
    await findColumnsNeeded(store, importId, header.length),
  );
  yield writer.header();
  for await (const rows of store.rejectedRows(importId)) yield rows.map((row) => writer.row(row)).join('');
}

async function findColumnsNeeded(
  store: ContactStore,
  importId: string,
  width: number,
): Promise<OptionalColumns> {
  const needed = { extra: false, check: false };
  for await (const rows of store.rejectedRows(importId)) {
    for (const row of rows) {
      const { extra, check } = columnsNeeded(row, width);
      needed.extra ||= extra;
      needed.check ||= check;
    }
    if (needed.extra && needed.check) break;
  }
  return needed;
}
