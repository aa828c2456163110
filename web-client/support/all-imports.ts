/**
 * All imports, as support's channel tells of them. What arrives is gathered and taken into the table once per frame, so that a
 * thousand running imports cost one drawing, not a thousand.
 */
import { type ReadonlySignal, signal } from '@preact/signals';
import { type Channel, createApi, openChannel } from '@tidings/client/index.ts';
import { type ImportState, isAtRest } from '@tidings/contracts/import.ts';
import { SUPPORT_CHANNEL } from '@tidings/contracts/notification.ts';
import { type ConnectionView, connectionAfter, watchConnection } from '../following/connection.ts';
import { importStateOf } from '../following/import-notification.ts';
import { connectionSentence } from '../following/milestones.ts';
import { announce } from '../shell/announcer.ts';
import { explainSupportError } from '../shell/explain.ts';
import type { PageProblem } from '../shell/page-problem.ts';
import type { ServicesAddress } from '../shell/services-address.ts';
import { untilAnswered } from '../shell/until-answered.ts';
import { announcements } from '../words/words.ts';
import { gatherByFrame } from './frames.ts';
import { type ImportTable, MAX_SHOWN, mergeStates } from './import-table.ts';

export interface AllImports {
  readonly table: ReadonlySignal<ImportTable>;
  readonly connection: ReadonlySignal<ConnectionView>;
  readonly problem: ReadonlySignal<PageProblem | null>;
  /** When the channel or the list told something last, in milliseconds of this clock. */
  readonly asOf: ReadonlySignal<number>;
  /** Whether the first page of the list has come. */
  readonly loaded: ReadonlySignal<boolean>;
  /** Whether there are older imports than those in the table. */
  readonly hasOlder: ReadonlySignal<boolean>;
  loadOlder(): Promise<void>;
  close(): void;
}

/** Imports that one request asks for. */
const PAGE_SIZE = 100;

/** Milliseconds without news of imports that run, after which the list is asked what they wait for. */
const QUIET_MS = 5_000;

/** @param token support's token */
export function followAllImports(
  token: string,
  { hubUrl, apiUrl }: ServicesAddress = {},
  quietMs = QUIET_MS,
): AllImports {
  const asOf = signal(Date.now());
  const table = signal<ImportTable>(new Map());
  const frame = gatherByFrame<ImportState>((states) => {
    table.value = mergeStates(table.peek(), states);
  });
  const list = createImportList(createApi({ baseUrl: apiUrl, token: () => token }), table, (states) => {
    asOf.value = Date.now();
    frame.add(states);
  });
  const channel = openChannel({ url: hubUrl, channel: { channelId: SUPPORT_CHANNEL, token } });
  channel.onNotification((notification) => {
    const state = importStateOf(notification);
    if (state === null) return;
    asOf.value = Date.now();
    frame.add([state]);
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
    if (isQuiet && !list.isLoading() && ![...table.peek().values()].every(isAtRest)) void list.load(null);
  }, quietMs);
  return {
    table,
    connection,
    asOf,
    problem: list.problem,
    loaded: list.loaded,
    hasOlder: list.hasOlder,
    loadOlder: list.loadOlder,
    close: () => {
      clearInterval(asking);
      stop();
      list.stop();
      frame.stop();
      channel.close();
    },
  };
}

/** The list of imports as the API pages through it, newest first. A page that cannot be read is asked for until it can. */
function createImportList(
  api: ReturnType<typeof createApi>,
  table: ReadonlySignal<ImportTable>,
  add: (states: readonly ImportState[]) => void,
) {
  const problem = signal<PageProblem | null>(null);
  const loaded = signal(false);
  const hasOlder = signal(false);
  let cursor: string | null = null;
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
    try {
      const page = await untilAnswered(
        () => api.listImports({ limit: PAGE_SIZE, cursor: from ?? undefined }),
        { signal: mine.signal, onWait: fail },
      );
      add(page.items);
      // The first page, loaded again, does not tell how far older pages have been loaded.
      if (from !== null || !loaded.peek()) {
        cursor = page.nextCursor;
        hasOlder.value = cursor !== null && table.peek().size + page.items.length < MAX_SHOWN;
      }
      loaded.value = true;
      problem.value = null;
    } catch (error) {
      if (!mine.signal.aborted) fail(error);
    } finally {
      loads -= 1;
    }
  };
  return {
    isLoading: () => loads > 0,
    problem,
    loaded,
    hasOlder,
    load,
    loadOlder: () => load(cursor),
    fail,
    stop: () => current.abort(),
  };
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
