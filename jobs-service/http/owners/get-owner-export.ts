/**
 * `GET /owners/{owner}/export`: all that database and log keep of an owner, the owner's dead letters and webhooks too, for support, as NDJSON: one object in each line, its `kind`
 * first. The last line counts the others, so that a file that broke off is seen.
 */
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import { attachmentNamed } from '@tidings/service-kit/http/content-disposition.ts';
import type { RequestHandler } from 'express';
import type { ImportReader } from '../../imports/import-reader.ts';
import { aboutWork, type Orders } from '../../orders/orders.ts';
import type { OwnerSettingsTable } from '../../settings/owner-settings.ts';
import type { LargeAnswers } from '../large-answers.ts';
import { streamAnswer } from '../stream-answer.ts';
import { type LoggedOwnerParts, linesFromLog } from './export-from-log.ts';
import { ownerOf } from './owner-parameter.ts';

/** Contacts or imports read at a time; a page of contacts ends at 4 MiB. */
const PAGE = 500;

export interface OwnerExportParts extends LoggedOwnerParts {
  readonly reader: Pick<ImportReader, 'list'>;
  readonly contactStore: Pick<ContactStore, 'listContacts' | 'rejectedRows' | 'exportChanges' | 'listUndo'>;
  readonly orders: Pick<Orders, 'lettersOf' | 'read'>;
  readonly settings: Pick<OwnerSettingsTable, 'get' | 'has'>;
  readonly answers: LargeAnswers;
}

export function getOwnerExport(parts: OwnerExportParts): RequestHandler {
  return async (request, response) => {
    const owner = ownerOf(request);
    const onPart = parts.answers.hold(response, 'support');
    response.status(200).type('application/x-ndjson; charset=utf-8');
    response.set('Content-Disposition', attachmentNamed(`${owner}.ndjson`, 'owner.ndjson'));
    await streamAnswer(response, countLines(exportLines(parts, owner), onPart));
  };
}

type Lines = readonly Readonly<Record<string, unknown>>[];

async function* countLines(batches: AsyncIterable<Lines>, onPart: () => void): AsyncGenerator<string> {
  let lines = 0;
  for await (const batch of batches) {
    onPart();
    lines += batch.length;
    if (batch.length > 0) yield batch.map((line) => `${JSON.stringify(line)}\n`).join('');
  }
  yield `${JSON.stringify({ kind: 'end', lines })}\n`;
}

async function* exportLines(parts: OwnerExportParts, owner: string): AsyncGenerator<Lines> {
  const { reader, contactStore } = parts;
  yield [{ kind: 'owner', owner, exportedAt: new Date().toISOString() }];
  if (parts.settings.has(owner)) yield [{ kind: 'settings', ...parts.settings.get(owner) }];
  for await (const items of pages((cursor) => contactStore.listContacts({ owner, limit: PAGE, cursor })))
    yield items.map((contact) => ({ kind: 'contact', ...contact }));
  for await (const items of pages((cursor) => reader.list({ owner, limit: PAGE, cursor }))) {
    for (const state of items) {
      yield [{ kind: 'import', ...state }];
      yield* linesOfImport(contactStore, state.importId);
    }
  }
  yield* deadLetterLines(parts.orders, owner);
  for await (const line of linesFromLog(parts, owner)) yield [line];
}

async function* linesOfImport(
  contactStore: OwnerExportParts['contactStore'],
  importId: string,
): AsyncGenerator<Lines> {
  for await (const rows of contactStore.rejectedRows(importId))
    yield rows.map((row) => ({ kind: 'rejectedRow', importId, ...row }));
  for await (const changes of contactStore.exportChanges(importId))
    yield changes.map((change) => ({ kind: 'change', importId, ...change }));
  for await (const items of pages((cursor) => contactStore.listUndo({ importId, limit: PAGE, cursor })))
    yield items.map((item) => ({ kind: 'undoOutcome', importId, ...item }));
}

/** Each with its bytes, which are rows of the owner's file, so one at a time. */
async function* deadLetterLines(orders: OwnerExportParts['orders'], owner: string): AsyncGenerator<Lines> {
  for (const entry of await orders.lettersOf(owner)) {
    const letter = await orders.read(entry);
    if (letter === null) continue;
    const { id, failedAt, attempts, error, value } = letter;
    const rows = Buffer.from(value ?? []).toString('base64');
    yield [
      {
        ...{ kind: 'deadLetter', id, ...aboutWork(letter), failedAt: new Date(failedAt).toISOString() },
        ...{ attempts, error, rows },
      },
    ];
  }
}

async function* pages<Item>(
  read: (cursor?: string) => Promise<{ readonly items: Item[]; readonly nextCursor: string | null }>,
): AsyncGenerator<Item[]> {
  for (let cursor: string | undefined; ; ) {
    const { items, nextCursor } = await read(cursor);
    yield items;
    if (nextCursor === null) return;
    cursor = nextCursor;
  }
}
