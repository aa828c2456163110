/**
 * The imports that this browser has started or opened, each with the token of its channel, so that a reload, a second tab and
 * a later visit find them again.
 */
import type { ImportState, ImportStatus } from '@tidings/contracts/imports/import.ts';
import { hasEnded, importStatuses } from '@tidings/contracts/imports/import.ts';
import { TOKEN_LIFE_MS } from '../../shell/services/token-life.ts';
import { nothingImported, type RestOfErrors, restOfErrors } from '../view/import-outcome.ts';

/** `unknown`: it may have changed since it was told. */
export type RememberedRest = RestOfErrors | 'unknown';
const rests: readonly RememberedRest[] = ['mended', 'ignored', 'not_saved', 'unknown'];

export interface RememberedImport {
  readonly importId: string;
  readonly channelId: string;
  readonly token: string;
  readonly fileName: string;
  /** When the import was started, milliseconds since 1970. */
  readonly startedAt: number;
  /** When this browser got the token, milliseconds since 1970. */
  readonly keptAt: number;
  /** The status as last seen; null before the first state. */
  readonly status: ImportStatus | null;
  /** Version of the newest state in which it had ended; null before there was one. */
  readonly endedVersion: number | null;
  /** Rows of the file; null while their number is not known. */
  readonly rows: number | null;
  /** Whether the import has ended, and none of its rows could be imported. */
  readonly nothingImported: boolean;
  /** Missing where the status says all. */
  readonly rest?: RememberedRest;
  /** Whether the reader has cancelled it, and the services have not answered. */
  readonly cancelWaits: boolean;
}

export interface RememberedImports {
  /** Newest first. Those with the newest tokens, `MAX_REMEMBERED` at most, none whose token is older than one is valid. */
  list(): RememberedImport[];
  find(importId: string): RememberedImport | null;
  /** Adds the import, or replaces what is remembered of it. */
  save(entry: RememberedImport): void;
  /** Keeps what a newer state says of a remembered import. */
  note(state: ImportState): void;
  /** Keeps the order to cancel, so that a reload does not forget it, until the services have answered. */
  noteCancel(importId: string, cancelWaits: boolean): void;
  /** Keeps a channel's renewed token. */
  renew(channelId: string, token: string): void;
}

const KEY = 'tidings.imports';
const MAX_REMEMBERED = 20;

/** @param onChange called after each change that is made through this object */
export function createRememberedImports(
  storage: Pick<Storage, 'getItem' | 'setItem'>,
  now: () => number,
  onChange: () => void = () => undefined,
): RememberedImports {
  const read = (): RememberedImport[] =>
    parseEntries(storage.getItem(KEY))
      .filter((entry) => now() - entry.keptAt < TOKEN_LIFE_MS)
      .sort((a, b) => b.startedAt - a.startedAt);
  const write = (entries: RememberedImport[]): void => {
    const newest = entries.sort((a, b) => b.keptAt - a.keptAt || b.startedAt - a.startedAt);
    storage.setItem(KEY, JSON.stringify(newest.slice(0, MAX_REMEMBERED)));
    onChange();
  };
  const change = (update: (entry: RememberedImport) => RememberedImport): void => {
    const before = read();
    const after = before.map(update);
    if (after.some((entry, index) => entry !== before[index])) write(after);
  };
  return {
    list: read,
    find: (importId) => read().find((entry) => entry.importId === importId) ?? null,
    save: (entry) => write([entry, ...read().filter((other) => other.importId !== entry.importId)]),
    note: (state) => {
      const mends = state.mends !== null && hasEnded(state);
      const isNews = mends && read().some((entry) => isOf(entry, state) && entry.endedVersion === null);
      change((entry) => {
        if (isOf(entry, state)) return withState(entry, state);
        return isNews && hasRest(entry) ? { ...entry, rest: 'unknown' } : entry;
      });
    },
    noteCancel: (importId, cancelWaits) =>
      change((entry) =>
        entry.importId === importId && entry.cancelWaits !== cancelWaits ? { ...entry, cancelWaits } : entry,
      ),
    renew: (channelId, token) =>
      change((entry) =>
        entry.channelId === channelId && entry.token !== token ? { ...entry, token, keptAt: now() } : entry,
      ),
  };
}

const isOf = (entry: RememberedImport, state: ImportState): boolean => entry.importId === state.importId;

/** Whether an import that mends, and ends, may leave nothing to be fixed of it. */
const hasRest = ({ status, rest }: RememberedImport): boolean =>
  status === 'completed_with_errors' && rest === undefined;

function withState(entry: RememberedImport, state: ImportState): RememberedImport {
  const { status, rows } = state;
  const nothing = nothingImported(state);
  const endedVersion = hasEnded(state) ? state.version : entry.endedVersion;
  const isSame = entry.status === status && entry.rows === rows.total && entry.endedVersion === endedVersion;
  const rest = restOf(state, isSame ? entry.rest : undefined);
  if (isSame && entry.nothingImported === nothing && entry.rest === rest) return entry;
  const { rest: _, ...kept } = entry;
  const known = { ...kept, status, rows: rows.total, endedVersion, nothingImported: nothing };
  return rest === undefined ? known : { ...known, rest };
}

/** @param before what was known; it stays where the state does not tell, as in notifications */
function restOf(state: ImportState, before: RememberedRest | undefined): RememberedRest | undefined {
  const rest = restOfErrors(state);
  if (rest !== null) return rest;
  return state.leftToMend === undefined && state.restIgnored === undefined ? before : undefined;
}

/** The stored entries that can be read; another version of the page may have written others. */
function parseEntries(text: string | null): RememberedImport[] {
  try {
    const stored: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(stored) ? stored.flatMap(parseEntry) : [];
  } catch {
    return [];
  }
}

function parseEntry(value: unknown): RememberedImport[] {
  if (typeof value !== 'object' || value === null) return [];
  const { importId, channelId, token, fileName, startedAt, status, rows, ...more } = value as Record<
    string,
    unknown
  >;
  if (typeof importId !== 'string' || typeof channelId !== 'string' || typeof token !== 'string') return [];
  if (typeof fileName !== 'string' || typeof startedAt !== 'number') return [];
  const rest = rests.find((known) => known === more.rest);
  return [
    {
      importId,
      channelId,
      token,
      fileName,
      startedAt,
      // Earlier releases kept the start alone, when the token was new.
      keptAt: typeof more.keptAt === 'number' ? more.keptAt : startedAt,
      status: importStatuses.find((known) => known === status) ?? null,
      rows: typeof rows === 'number' ? rows : null,
      endedVersion: typeof more.endedVersion === 'number' ? more.endedVersion : null,
      nothingImported: more.nothingImported === true,
      cancelWaits: more.cancelWaits === true,
      ...(rest === undefined ? {} : { rest }),
    },
  ];
}
