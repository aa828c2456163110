/**
 * `GET /imports/{id}/rejected.csv`: the rejected rows with their own cells, and why. Safe to open in a spreadsheet (cells
 * that a spreadsheet would run are neutralised), and loss-free to fix and drop again.
 */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import type { ContactStore, RejectedRow } from '../contact-store/contact-store.ts';
import { neutraliseCell } from '../csv/neutralise.ts';
import { BYTE_ORDER_MARK, writeRecord } from '../csv/write.ts';
import { EXPORT_COLUMNS } from './columns.ts';

export async function sendRejectedCsv(
  response: Response,
  store: ContactStore,
  importId: string,
  fileName: string,
): Promise<void> {
  const header = (await store.importHeader(importId)) ?? [];
  const name = `${fileName.replace(/\.[^.]*$/, '')}-rejected.csv`;
  response.status(200).type('text/csv; charset=utf-8');
  response.set(
    'Content-Disposition',
    `attachment; filename="rejected.csv"; filename*=UTF-8''${encodeURIComponent(name)}`,
  );
  response.set('Cache-Control', 'no-store');
  await pipeline(Readable.from(writeRejected(store, importId, header)), response);
}

async function* writeRejected(
  store: ContactStore,
  importId: string,
  header: readonly string[],
): AsyncIterable<string> {
  const isOwn = (name: string) => (EXPORT_COLUMNS as readonly string[]).includes(name.trim().toLowerCase());
  // A file that was itself such an export gets these columns anew.
  const kept = header.map((name, index) => ({ name, index })).filter(({ name }) => !isOwn(name));
  const withExtra = await hasSurplusCells(store, importId, header.length);
  const names = [
    ...kept.map(({ name }) => neutraliseCell(name)),
    '_line',
    '_code',
    '_reason',
    ...(withExtra ? ['_extra'] : []),
  ];
  yield BYTE_ORDER_MARK + writeRecord(names);
  for await (const rows of store.rejectedRows(importId)) {
    yield rows.map((row) => writeRow(row, header.length, kept, withExtra)).join('');
  }
}

function writeRow(
  row: RejectedRow,
  width: number,
  kept: readonly { index: number }[],
  withExtra: boolean,
): string {
  const cells = kept.map(({ index }) => neutraliseCell(row.cells[index] ?? ''));
  const surplus = row.cells.slice(width);
  const extra = withExtra ? [surplus.length === 0 ? '' : neutraliseCell(writeRecord(surplus).trimEnd())] : [];
  return writeRecord([...cells, String(row.line), row.code, row.reason, ...extra]);
}

async function hasSurplusCells(store: ContactStore, importId: string, width: number): Promise<boolean> {
  for await (const rows of store.rejectedRows(importId)) {
    if (rows.some(({ cells }) => cells.length > width)) return true;
  }
  return false;
}
