/** The rejected rows of an import, to be mended: what a page asks of the services about them. */
import type { Api, ChannelCredentials } from '@tidings/client/index.ts';
import { createSupportApi } from '@tidings/client/support.ts';
import type { ReasonsQuery, RejectedFileKind } from '@tidings/contracts/files/rejected-file.ts';
import type { ImportState } from '@tidings/contracts/imports/import.ts';
import type {
  HandedRows,
  MendedRows,
  RejectedRowItem,
  RejectedRowsPage,
} from '@tidings/contracts/imports/rejected-rows.ts';
import { language } from '../../words/format/language.ts';
import type { RememberedImports } from './remembered-imports.ts';

/** Each method rejects with `ProblemError`. Reasons are told in the language that the pages show. */
export interface RejectedAccess {
  /** @param cursor null for the first page */
  list(cursor: string | null): Promise<RejectedRowsPage>;
  /** All of them as a file that may be mended and dropped again. */
  fetchFile(kind: RejectedFileKind): Promise<Blob>;
  /** A row as it is now. */
  read(row: number): Promise<RejectedRowItem>;
  /** Keeps how rows are mended, and answers with the rows as they are then. */
  mend(rows: MendedRows['rows']): Promise<readonly RejectedRowItem[]>;
  /** Makes an import of the rows that were mended; the browser remembers it, so that it can be shown. */
  hand(): Promise<HandedRows>;
  /** Says whether what is left of the rows is not to be mended. */
  ignore(isIgnored: boolean): Promise<void>;
  /** The imports that mend this one, newest first, `MAX_MENDERS` at most. */
  menders(): Promise<readonly ImportState[]>;
}

/** Imports of mended rows that a page shows under the first one, at most. */
export const MAX_MENDERS = 20;
/** Rows of a page; the services give no more at once. */
const PAGE_ROWS = 500;

export interface RejectedAccessParts {
  readonly importId: string;
  readonly fileName: string;
  readonly api: Pick<Api, 'getImport' | 'fetchRejectedCsv'>;
  readonly apiUrl: string | undefined;
  /** The channel of the import, which is that of the imports that mend it here. */
  readonly credentials: () => ChannelCredentials | null;
  readonly remembered: Pick<RememberedImports, 'find' | 'save' | 'note'>;
  /** Told the import's state whenever the services tell it. */
  readonly onState: (state: ImportState) => void;
}

export function openRejected({
  importId,
  fileName,
  api,
  apiUrl,
  credentials,
  remembered,
  onState,
}: RejectedAccessParts): RejectedAccess {
  const rejected = createSupportApi({ baseUrl: apiUrl, token: () => credentials()?.token ?? '' });
  const remember = (mender: Pick<ImportState, 'importId' | 'channelId' | 'fileName'>, at: number): void => {
    const known = credentials();
    if (known === null || known.channelId !== mender.channelId) return;
    if (remembered.find(mender.importId) !== null) return;
    remembered.save({
      importId: mender.importId,
      fileName: mender.fileName,
      channelId: known.channelId,
      token: known.token,
      startedAt: at,
      keptAt: Date.now(),
      status: null,
      rows: null,
      endedVersion: null,
      nothingImported: false,
      cancelWaits: false,
    });
  };
  return {
    list: async (cursor) => {
      const page = rejected.listRejected(importId, {
        ...reasonsIn(),
        cursor: cursor ?? undefined,
        limit: PAGE_ROWS,
      });
      const [found, state] = await Promise.all([page, cursor === null ? api.getImport(importId) : null]);
      if (state !== null) onState(state);
      return found;
    },
    fetchFile: (kind) =>
      kind === 'xlsx'
        ? rejected.fetchRejectedXlsx(importId, reasonsIn())
        : api.fetchRejectedCsv(importId, reasonsIn()),
    read: (row) => rejected.getRejected(importId, row, reasonsIn()),
    mend: async (rows) => (await rejected.mendRejected(importId, rows, reasonsIn())).items,
    hand: async () => {
      const handed = await rejected.importMended(importId);
      remember({ ...handed, fileName }, Date.now());
      return handed;
    },
    ignore: async (isIgnored) => onState(await rejected.ignoreRejected(importId, isIgnored)),
    menders: async () => {
      const { mendedBy } = await api.getImport(importId);
      const states = await Promise.all(mendedBy.slice(0, MAX_MENDERS).map((id) => api.getImport(id)));
      for (const state of states) {
        remember(state, Date.parse(state.acceptedAt));
        remembered.note(state);
      }
      return states;
    },
  };
}

function reasonsIn(): ReasonsQuery {
  return { language: language.peek() };
}
