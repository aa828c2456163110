/**
 * `GET /imports/{id}/rejected.csv`: the rejected rows with their own cells, and why. Safe to open in a spreadsheet, and
 * loss-free to fix and drop again: see `packages/csv/rejected-export.ts`.
 */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import { columnsNeeded, type OptionalColumns, RejectedExportWriter } from '@tidings/csv/rejected-export.ts';
import { codeOf } from '@tidings/failures/failure.ts';
import { bearerOf } from '@tidings/service-kit/access/authenticate.ts';
import type { TokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { attachmentNamed } from '@tidings/service-kit/http/content-disposition.ts';
import type { RequestHandler, Response } from 'express';
import type { ImportReader } from '../imports/import-reader.ts';
import { senderOfBearer } from '../sender.ts';
import { readPermittedImport } from './import-answer.ts';
import type { LargeAnswers } from './large-answers.ts';

export interface RejectedCsvParts {
  readonly reader: ImportReader;
  readonly contactStore: ContactStore;
  readonly answers: LargeAnswers;
  readonly tokens: Pick<TokenAuthority, 'hasLogin'>;
}

class ClientLeft extends Error {}

export function rejectedCsv({ reader, contactStore, answers, tokens }: RejectedCsvParts): RequestHandler {
  return async (request, response) => {
    const { state } = await readPermittedImport(reader, request, response);
    const onPart = answers.hold(response, senderOfBearer(tokens, request, bearerOf(response)));
    const name = `${state.fileName.replace(/\.[^.]*$/, '')}-rejected.csv`;
    response.status(200).type('text/csv; charset=utf-8');
    response.set('Content-Disposition', attachmentNamed(name, 'rejected.csv'));
    await stream(response, (onRows) => writeRejected(contactStore, state.importId, onRows), onPart);
  };
}

/** @param onPart called whenever another part has been read, or taken by the client */
async function stream(
  response: Response,
  write: (onPart: () => void) => AsyncIterable<string>,
  onPart: () => void,
): Promise<void> {
  // The pipeline ends its source only when that gives something out, and the look for columns gives nothing.
  const part = () => {
    if (response.closed) throw new ClientLeft();
    onPart();
  };
  try {
    await pipeline(Readable.from(write(part)), response);
  } catch (error) {
    // The client has left, or did not read.
    const isLeft = error instanceof ClientLeft || codeOf(error) === 'ERR_STREAM_PREMATURE_CLOSE';
    if (!isLeft) throw error;
  }
}

async function* writeRejected(
  store: ContactStore,
  importId: string,
  onPart: () => void,
): AsyncIterable<string> {
  const { header, delimiter } = (await store.importLayout(importId)) ?? { header: [], delimiter: ',' };
  const writer = new RejectedExportWriter(
    header,
    delimiter,
    await findColumnsNeeded(store, importId, header.length, onPart),
  );
  yield writer.header();
  for await (const rows of store.rejectedRows(importId)) {
    onPart();
    yield rows.map((row) => writer.row(row)).join('');
  }
}

async function findColumnsNeeded(
  store: ContactStore,
  importId: string,
  width: number,
  onPart: () => void,
): Promise<OptionalColumns> {
  const needed = { extra: false, check: false };
  for await (const rows of store.rejectedRows(importId)) {
    onPart();
    for (const row of rows) {
      const { extra, check } = columnsNeeded(row, width);
      needed.extra ||= extra;
      needed.check ||= check;
    }
    if (needed.extra && needed.check) break;
  }
  return needed;
}
