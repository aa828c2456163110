/**
 * `GET /imports/{id}/rejected.csv`: the rejected rows with their own cells, and why. Safe to open in a spreadsheet, and
 * loss-free to fix and drop again: see `packages/csv/rejected-export.ts`.
 */
import type { ContactStore, ImportLayout } from '@tidings/contact-store/contact-store.ts';
import { bearerOf } from '@tidings/service-kit/access/authenticate.ts';
import type { TokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { attachmentNamed } from '@tidings/service-kit/http/content-disposition.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';
import type { RequestHandler } from 'express';
import type { ImportReader } from '../../imports/import-reader.ts';
import { senderOfBearer } from '../../sender.ts';
import type { LargeAnswers } from '../large-answers.ts';
import { streamAnswer } from '../stream-answer.ts';
import { readPermittedImport } from './import-answer.ts';
import { exportWriter, noLayout } from './rejected-cells.ts';
import { rejectedFileName } from './rejected-file-name.ts';

export interface RejectedCsvParts {
  readonly reader: ImportReader;
  readonly contactStore: ContactStore;
  readonly answers: LargeAnswers;
  readonly tokens: Pick<TokenAuthority, 'hasLogin'>;
}

export function rejectedCsv({ reader, contactStore, answers, tokens }: RejectedCsvParts): RequestHandler {
  return async (request, response) => {
    const { state } = await readPermittedImport(reader, request, response);
    const layout = await contactStore.importLayout(state.importId);
    if (layout === null && state.rows.rejected > 0)
      throw new Problem('not_found', 'The rejected rows of this import are kept no longer.');
    const onPart = answers.hold(response, senderOfBearer(tokens, request, bearerOf(response)));
    response.status(200).type('text/csv; charset=utf-8');
    response.set('Content-Disposition', attachmentNamed(rejectedFileName(state.fileName), 'rejected.csv'));
    await streamAnswer(response, writeRejected(contactStore, state.importId, layout ?? noLayout, onPart));
  };
}

/** @param onPart called for each part that the response takes, which it does once the client has taken the parts before */
async function* writeRejected(
  store: ContactStore,
  importId: string,
  layout: ImportLayout,
  onPart: () => void,
): AsyncIterable<string> {
  const writer = exportWriter(layout);
  yield writer.header();
  for await (const rows of store.rejectedRows(importId)) {
    onPart();
    yield rows.map((row) => writer.row(row)).join('');
  }
}
