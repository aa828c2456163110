/** The contacts as a file. */
import { createSupportApi } from '@tidings/client/support.ts';
import type { WithAccess } from '../following/access/access.ts';

export interface ContactsFile {
  readonly query: string;
  readonly importId: string | null;
}

/** A spreadsheet opens a file in columns where its delimiter is that of the reader's lists: a semicolon where numbers have a comma. */
function delimiter(): ',' | ';' {
  return new Intl.NumberFormat().format(0.5).includes(',') ? ';' : ',';
}

/** By their addresses, which do not move while rows change: in another order a contact could be passed over. */
export function fetchContactsCsv(withAccess: WithAccess, { query, importId }: ContactsFile): Promise<Blob> {
  return withAccess((_api, token) =>
    createSupportApi({ token: () => token }).fetchContactsCsv({
      ...{ query, delimiter: delimiter() },
      import: importId ?? undefined,
    }),
  );
}
