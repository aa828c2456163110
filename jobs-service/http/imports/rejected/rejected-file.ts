/** What every file of rejected rows begins with: whose they are, whether they are kept, and a place for a large answer. */
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import type { ImportLayout } from '@tidings/contact-store/kept-imports.ts';
import { type RejectedFileKind, rejectedFileName } from '@tidings/contracts/files/rejected-file.ts';
import type { RowReasonWords } from '@tidings/contracts/files/row-words/row-words.ts';
import { reasonsQuerySchema } from '@tidings/contracts/schemas/files/rejected-file.ts';
import { bearerOf } from '@tidings/service-kit/access/authenticate.ts';
import type { TokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { attachmentNamed } from '@tidings/service-kit/http/content-disposition.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';
import { readsQuery } from '@tidings/service-kit/http/query.ts';
import type { Request, RequestHandler, Response } from 'express';
import type { z } from 'zod';
import type { ImportReader } from '../../../imports/import-reader.ts';
import { senderOfBearer } from '../../../sender.ts';
import type { LargeAnswers } from '../../large-answers.ts';
import { streamAnswer } from '../../stream-answer.ts';
import { readPermittedImport } from '../import-answer.ts';
import { reasonsFor } from './reasons-language.ts';
import { noLayout } from './rejected-cells.ts';

export interface RejectedFileParts {
  readonly reader: ImportReader;
  readonly contactStore: ContactStore;
  readonly answers: LargeAnswers;
  readonly tokens: Pick<TokenAuthority, 'hasLogin'>;
}

export interface RejectedFile {
  readonly importId: string;
  readonly layout: ImportLayout;
  /** In which the reasons are told. */
  readonly words: RowReasonWords;
  /** To be called for each part that the response takes, which it does once the client has taken the parts before. */
  readonly onPart: () => void;
}

export interface FileKind {
  readonly extension: RejectedFileKind;
  readonly type: string;
  /** Rows that such a file holds, at most; default: any number. */
  readonly maxRows?: number;
}

/** @param write makes the file's parts; it reads rows as the client takes them */
export function answerFile(
  parts: RejectedFileParts,
  kind: FileKind,
  write: (file: RejectedFile) => Parameters<typeof streamAnswer>[1],
): RequestHandler {
  return readsQuery(reasonsQuerySchema, async ({ language }, request, response) => {
    const file = await beginFile(parts, request, response, { ...kind, language });
    await streamAnswer(response, write(file));
  });
}

/** @throws Problem not_found, rate_limited, or state_conflict: such a file does not hold all rows */
async function beginFile(
  { reader, contactStore, answers, tokens }: RejectedFileParts,
  request: Request,
  response: Response,
  { extension, type, maxRows, language }: FileKind & z.output<typeof reasonsQuerySchema>,
): Promise<RejectedFile> {
  const { state } = await readPermittedImport(reader, request, response);
  const layout = await contactStore.importLayout(state.importId);
  if (layout === null && state.rows.rejected > 0)
    throw new Problem('not_found', 'The rejected rows of this import are kept no longer.');
  if (maxRows !== undefined && state.rows.rejected > maxRows)
    throw new Problem(
      'state_conflict',
      `A sheet holds ${maxRows} rows, and more are rejected: take rejected.csv.`,
    );
  const onPart = answers.hold(response, senderOfBearer(tokens, request, bearerOf(response)));
  const words = reasonsFor(language, request, response);
  response.status(200).type(type);
  response.set(
    'Content-Disposition',
    attachmentNamed(rejectedFileName(state.fileName, extension), `rejected.${extension}`),
  );
  return { importId: state.importId, layout: layout ?? noLayout, words, onPart };
}
