/**
 * `POST /imports/{id}/rejected/import`: the rows that were mended become an import of their own, which mends the first. Each row is
 * handed over once. Rows that were handed to an import that came to nothing are handed over again. Support writes no contacts.
 */
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import { type ImportLayout, rulesIn } from '@tidings/contact-store/kept-imports.ts';
import { rejectedFileName } from '@tidings/contracts/files/rejected-file.ts';
import { hasEnded, type ImportState } from '@tidings/contracts/imports/import.ts';
import type { HandedRows } from '@tidings/contracts/imports/rejected-rows.ts';
import { bearerOf } from '@tidings/service-kit/access/authenticate.ts';
import type { TokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';
import type { RequestHandler } from 'express';
import { v7 as uuidv7 } from 'uuid';
import type { ImportReader } from '../../../imports/import-reader.ts';
import { takeBackLost } from '../../../imports/lost-menders.ts';
import { senderOfBearer } from '../../../sender.ts';
import type { UploadReceiver } from '../../../uploads/receiving/from-browser.ts';
import type { UploadRequest } from '../../../uploads/upload.ts';
import type { HeldAnswers } from '../../held-answers.ts';
import { ownerOfBearer } from '../../owner-of-bearer.ts';
import { RETRY_AFTER_SECONDS, readPermittedImport, sendState } from '../import-answer.ts';
import { exportWriter } from './rejected-cells.ts';

export interface ImportMendedParts {
  readonly reader: ImportReader;
  readonly contactStore: Pick<
    ContactStore,
    'importLayout' | 'handMended' | 'takeBackMended' | 'mendersOf' | 'mendedRows'
  >;
  readonly tokens: Pick<TokenAuthority, 'hasLogin'>;
  readonly heldAnswers: HeldAnswers;
  readonly receiveRows: UploadReceiver['receiveRows'];
}

export function importMended(parts: ImportMendedParts): RequestHandler {
  const { reader, contactStore, tokens, heldAnswers } = parts;
  return async (request, response) => {
    ownerOfBearer(response);
    const { state, owner } = await readPermittedImport(reader, request, response);
    const layout = await contactStore.importLayout(state.importId);
    await takeBackLost(reader, contactStore, state.importId);
    const importId = uuidv7();
    const rows = layout === null ? 0 : await contactStore.handMended(state.importId, importId);
    if (layout === null || rows === 0)
      throw new Problem('state_conflict', 'No rejected row was mended that no import has yet.');
    const sender = senderOfBearer(tokens, request, bearerOf(response));
    const upload = uploadOf(state, owner, importId, layout);
    const mended = writeMended(contactStore, state.importId, importId, layout);
    const giveBack = () => contactStore.takeBackMended(state.importId, importId);
    await parts.receiveRows(sender, upload, mended, giveBack);
    response.set('Location', `/imports/${importId}`);
    const found = await heldAnswers.hold(request, response, (...within) =>
      reader.findEnded(importId, ...within),
    );
    if (found !== null && hasEnded(found.state)) return sendState(response.status(200), found.state);
    const handed: HandedRows = { importId, channelId: state.channelId, rows };
    response.status(202).set('Retry-After', String(RETRY_AFTER_SECONDS)).json(handed);
  };
}

function uploadOf(
  { importId: mends, channelId, fileName, dryRun }: ImportState,
  owner: string,
  importId: string,
  layout: ImportLayout,
): UploadRequest {
  const { delimiter, rules } = layout;
  const { kept } = exportWriter(layout);
  // Our own columns come after those of the file, and are for nothing.
  const columns = rules === null ? undefined : kept.map((index) => rules.columns[index] ?? '');
  return {
    ...{ importId, channelId, owner, fileName: rejectedFileName(fileName) },
    // A dry run writes nothing, however often its rows are mended.
    fields: { mends, delimiter, encoding: 'utf-8', ...rulesIn(layout), dryRun },
    columns,
  };
}

async function* writeMended(
  store: ImportMendedParts['contactStore'],
  importId: string,
  by: string,
  layout: ImportLayout,
): AsyncGenerator<string> {
  const writer = exportWriter(layout);
  yield writer.header();
  for await (const rows of store.mendedRows(importId, by)) {
    yield rows.map((row) => (row.mended === undefined ? '' : writer.mendedRow(row, row.mended))).join('');
  }
}
