/**
 * All imports, as support's channel tells of them. What arrives is gathered and taken into the table once per frame, so that a
 * thousand running imports cost one drawing, not a thousand.
 */
import { type ReadonlySignal, signal } from '@preact/signals';
import { type Channel, createApi, openChannel } from '@tidings/client/index.ts';
import { type ImportState, isAtRest } from '@tidings/contracts/imports/import.ts';
import { SUPPORT_CHANNEL } from '@tidings/contracts/notifications/notification.ts';
import { connectionSentence } from '../../following/shown/milestones.ts';
import { type ConnectionView, connectionAfter, watchConnection } from '../../following/view/connection.ts';
import { importStateOf } from '../../following/view/import-notification.ts';
import { announce } from '../../shell/frame/announcer.ts';
import type { PageProblem } from '../../shell/services/page-problem.ts';
import type { ServicesAddress } from '../../shell/services/services-address.ts';
import { untilAnswered } from '../../shell/services/until-answered.ts';
import { announcements } from '../../words/words.ts';
import { explainSupportError } from '../support-problem.ts';
import { askForMended } from './ask-for-mended.ts';
import { gatherByFrame } from './frames.ts';
import { type ImportTable, MAX_KEPT, mergeStates } from './import-table.ts';
import { type ListQuery, readQuery, runningStatuses, statusesOf } from './list-query.ts';

export interface AllImports {
  readonly table: ReadonlySignal<ImportTable>;
  readonly connection: ReadonlySignal<ConnectionView>;
  readonly problem: ReadonlySignal<PageProblem | null>;
  /** The second in which the channel or the list told something last, in milliseconds of this clock: what shows it changes once a second. */
  readonly asOf: ReadonlySignal<number>;
  /** Whether the first page of the list has come. */
  readonly loaded: ReadonlySignal<boolean>;
  /** What the list was asked for when its newest first page came; null before. */
  readonly answered: ReadonlySignal<ListQuery | null>;
  /** Whether the server has older imports for the query than those that were loaded. */
  readonly hasOlder: ReadonlySignal<boolean>;
  /** Asks for the imports of another query. The table keeps what it knows. */
  ask(query: ListQuery): void;
  loadOlder(): Promise<void>;
  close(): void;
}

/** Imports that one request asks for: of the newest, and of those that run, which may be old. */
const PAGE_SIZE = 100;
const MOST_RUNNING = 500;

/** Milliseconds without news of imports that run, after which the list is asked what they wait for. */
const QUIET_MS = 5_000;

/** @param token support's token */
export function followAllImports(
  token: string,
  { hubUrl, apiUrl }: ServicesAddress = {},
  quietMs = QUIET_MS,
  query: ListQuery = readQuery(''),
): AllImports {
  const asOf = signal(thisSecond());
  const table = signal<ImportTable>(new Map());
  const frame = gatherByFrame<ImportState>((states) => {
    table.value = mergeStates(table.peek(), states, Date.now());
  });
  const api = createApi({ baseUrl: apiUrl, token: () => token });
  const mended = askForMended(api.getImport, (state) => {
    // What the list has not told yet stands among older pages.
    if (table.peek().has(state.importId)) frame.add([state]);
  });
  const list = createImportList(api, query, (states) => {
    asOf.value = thisSecond();
    frame.add(states);
  });
  const channel = openChannel({ url: hubUrl, channel: { channelId: SUPPORT_CHANNEL, token } });
  channel.onNotification((notification) => {
    const state = importStateOf(notification);
    if (state === null) return;
    asOf.value = thisSecond();
    frame.add([state]);
    mended.note(state);
  });
  channel.onSnapshot(({ durable, progress }) => {
    frame.add([...durable, ...progress].map(importStateOf).filter((state) => state !== null));
    // The channel's history is short; the list knows every import.
    void list.load(null);
  });
  const { connection, stop } = followConnection(channel, (kind) => {
    if (kind === 'refused' && channel.error !== null) list.fail(channel.error);
    // A degraded hub sends no snapshot, but the API may answer.
    if (kind === 'degraded' && !list.loaded.peek()) void list.load(null);
  });
  // The channel tells what has changed, and only the list what imports wait for while nothing changes.
  const asking = setInterval(() => {
    const isQuiet = Date.now() - asOf.peek() >= quietMs;
    const rests = [...table.peek().values()].every(({ state }) => isAtRest(state));
    if (isQuiet && !list.isLoading() && !rests) void list.load(null);
  }, quietMs);
  return {
    table,
    connection,
    asOf,
    problem: list.problem,
    loaded: list.loaded,
    answered: list.answered,
    hasOlder: list.hasOlder,
    ask: list.ask,
    loadOlder: list.loadOlder,
    close: () => {
      clearInterval(asking);
      stop();
      list.stop();
      mended.stop();
      frame.stop();
      channel.close();
    },
  };
}

function thisSecond(): number {
  return Math.floor(Date.now() / 1_000) * 1_000;
}

/** The list of imports as the API pages through it, newest first. A page that cannot be read is asked for until it can. */
function createImportList(
  api: ReturnType<typeof createApi>,
  firstQuery: ListQuery,
  add: (states: readonly ImportState[]) => void,
) {
  const problem = signal<PageProblem | null>(null);
  const loaded = signal(false);
  const answered = signal<ListQuery | null>(null);
  const hasOlder = signal(false);
  let query = firstQuery;
  /** Where the older ones of the query begin; null before its first page has come, and after its last. */
  let cursor: string | null = null;
  let isFirst = true;
  let known = 0;
  let current = new AbortController();
  let loads = 0;
  const fail = (error: unknown): void => {
    problem.value = explainSupportError(error);
  };
  const load = async (from: string | null): Promise<void> => {
    current.abort();
    const mine = new AbortController();
    current = mine;
    loads += 1;
    const { signal: ended } = mine;
    const asked = query;
    try {
      const page = await untilAnswered(() => readPage(api, asked, from, ended), {
        signal: ended,
        onWait: fail,
      });
      add(page.items);
      // The first page, loaded again, does not tell how far older pages have been loaded.
      if (from !== null || isFirst) {
        cursor = page.nextCursor;
        known = (from === null ? 0 : known) + page.items.length;
        hasOlder.value = cursor !== null && known < MAX_KEPT;
      }
      isFirst = false;
      if (from === null) answered.value = asked;
      loaded.value = true;
      problem.value = null;
    } catch (error) {
      if (!ended.aborted) fail(error);
    } finally {
      loads -= 1;
    }
  };
  return {
    isLoading: () => loads > 0,
    problem,
    loaded,
    answered,
    hasOlder,
    load,
    loadOlder: () => load(cursor),
    ask: (next: ListQuery) => {
      query = next;
      isFirst = true;
      void load(null);
    },
    fail,
    stop: () => current.abort(),
  };
}

/** A page of the query. With its first one come those that run: an import that stands still may be older than all of the page. */
async function readPage(
  api: ReturnType<typeof createApi>,
  { filter, q, owner }: ListQuery,
  from: string | null,
  ended: AbortSignal,
) {
  const asked = { q, owner, signal: ended };
  const page = await api.listImports({
    ...asked,
    ...{ status: statusesOf(filter), limit: PAGE_SIZE, cursor: from ?? undefined },
  });
  if (from !== null) return page;
  const running = await api.listImports({ ...asked, status: runningStatuses, limit: MOST_RUNNING });
  return { ...page, items: [...page.items, ...running.items] };
}

/** `onKind` is called where the connection's kind has changed. */
function followConnection(channel: Channel, onKind: (kind: ConnectionView['kind']) => void) {
  const connection = signal<ConnectionView>({ kind: 'connecting', since: Date.now() });
  const stop = watchConnection(channel, (kind) => {
    const before = connection.peek();
    const after = connectionAfter(before, kind, Date.now());
    if (after === before) return;
    connection.value = after;
    const sentence = connectionSentence(before.kind, kind, announcements.importsGoOn);
    if (sentence !== null) announce(sentence);
    onKind(kind);
  });
  return { connection, stop };
}
