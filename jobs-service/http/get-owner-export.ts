/**
 * `GET /owners/{owner}/export`: all that the database keeps of an owner, for support, as NDJSON: one object in each line, its `kind`
 * first. The last line counts the others, so that a file that broke off is seen.
 */
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import { attachmentNamed } from '@tidings/service-kit/http/content-disposition.ts';
import type { RequestHandler } from 'express';
import type { ImportReader } from '../imports/import-reader.ts';
import type { LargeAnswers } from './large-answers.ts';
import { ownerOf } from './owner-parameter.ts';
import { streamAnswer } from './stream-answer.ts';

/** Contacts or imports read at a time; a page of contacts ends at 4 MiB. */
const PAGE = 500;

export interface OwnerExportParts {
  readonly reader: Pick<ImportReader, 'list'>;
  readonly contactStore: Pick<ContactStore, 'listContacts' | 'rejectedRows' | 'exportChanges'>;
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

async function* exportLines(
  { reader, contactStore }: OwnerExportParts,
  owner: string,
): AsyncGenerator<Lines> {
  yield [{ kind: 'owner', owner, exportedAt: new Date().toISOString() }];
  for (let cursor: string | undefined; ; ) {
    const { items, nextCursor } = await contactStore.listContacts({ owner, limit: PAGE, cursor });
    yield items.map((contact) => ({ kind: 'contact', ...contact }));
    if (nextCursor === null) break;
    cursor = nextCursor;
  }
  for (let cursor: string | undefined; ; ) {
    const { items, nextCursor } = await reader.list({ owner, limit: PAGE, cursor });
    for (const state of items) {
      const { importId } = state;
      yield [{ kind: 'import', ...state }];
      for await (const rows of contactStore.rejectedRows(importId))
        yield rows.map((row) => ({ kind: 'rejectedRow', importId, ...row }));
      for await (const changes of contactStore.exportChanges(importId))
        yield changes.map((change) => ({ kind: 'change', importId, ...change }));
    }
    if (nextCursor === null) break;
    cursor = nextCursor;
  }
}
