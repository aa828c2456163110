/** The contacts as a file. */
import { createSupportApi } from '@tidings/client/support.ts';
import type { ContactOrder } from '@tidings/contracts/contact.ts';
import type { WithAccess } from '../following/access.ts';

export interface ContactsFile {
  readonly query: string;
  readonly sort: ContactOrder;
  readonly importId: string | null;
}

/** A spreadsheet opens a file in columns where its delimiter is that of the reader's lists: a semicolon where numbers have a comma. */
function delimiter(): ',' | ';' {
  return new Intl.NumberFormat().format(0.5).includes(',') ? ';' : ',';
}

export function fetchContactsCsv(
  withAccess: WithAccess,
  { query, sort, importId }: ContactsFile,
): Promise<Blob> {
  return withAccess((_api, token) =>
    createSupportApi({ token: () => token }).fetchContactsCsv({
      ...{ query, sort, delimiter: delimiter() },
      import: importId ?? undefined,
    }),
  );
}
