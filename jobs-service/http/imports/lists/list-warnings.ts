/** `GET /imports/{id}/warnings`: the values that rows were imported without, and why. */
import type { RejectedRow } from '@tidings/contact-store/chunk-to-apply.ts';
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import type { Page } from '@tidings/contracts/http.ts';
import type { WarningItem } from '@tidings/contracts/imports/warnings.ts';
import { pageQuerySchema } from '@tidings/contracts/schemas/http.ts';
import { readsQuery } from '@tidings/service-kit/http/query.ts';
import type { RequestHandler } from 'express';
import type { ImportReader } from '../../../imports/import-reader.ts';
import { readPermittedImport } from '../import-answer.ts';

export function listWarnings(
  reader: ImportReader,
  contactStore: Pick<ContactStore, 'listWarnedRows' | 'importLayout'>,
): RequestHandler {
  return readsQuery(pageQuerySchema, async (query, request, response) => {
    const { state } = await readPermittedImport(reader, request, response);
    const { importId } = state;
    const { items, nextCursor } = await contactStore.listWarnedRows({ importId, ...query });
    const header = (await contactStore.importLayout(importId))?.header ?? [];
    const page: Page<WarningItem> = { items: items.flatMap((row) => warningsOf(row, header)), nextCursor };
    response.json(page);
  });
}

function warningsOf(
  { row, line, codes, parameters, cells }: RejectedRow,
  header: readonly string[],
): WarningItem[] {
  return codes.map((code) => {
    const index = parameters[code]?.column ?? -1;
    return { row: row + 1, line, code, column: header[index] ?? '', cell: cells[index] ?? '' };
  });
}
