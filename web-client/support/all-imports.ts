/**
 * All imports as support's channel tells of them. What arrives is gathered and taken in once per frame, so that a thousand
 * running imports cost one drawing, not a thousand.
 */
import { type ReadonlySignal, signal } from '@preact/signals';
import { createApi, openChannel } from '@tidings/client/index.ts';
import type { ImportState } from '@tidings/contracts/import.ts';
import { type ConnectionView, connectionAfter, watchConnection } from '../following/connection.ts';
import { importStateOf } from '../following/followed-import.ts';
import { connectionSaid } from '../following/milestones.ts';
import { announce } from '../shell/announcer.ts';
import { explainSupportError } from '../shell/explain.ts';
import type { PageProblem } from '../shell/page-problem.ts';
import { type ImportTable, MAX_SHOWN, mergeStates } from './import-table.ts';

export interface AllImports {
  readonly table: ReadonlySignal<ImportTable>;
  readonly connection: ReadonlySignal<ConnectionView>;
  readonly problem: ReadonlySignal<PageProblem | null>;
  /** Whether the first list has come. */
  readonly loaded: ReadonlySignal<boolean>;
  /** Whether there are older imports than those shown. */
  readonly hasOlder: ReadonlySignal<boolean>;
  loadOlder(): Promise<void>;
  close(): void;
}

const SUPPORT_CHANNEL_ID = 'support';
const PAGE_SIZE = 100;

export function followAllImports(token: string): AllImports {
  const table = signal<ImportTable>(new Map());
  const connection = signal<ConnectionView>({ kind: 'connecting', since: Date.now() });
  const problem = signal<PageProblem | null>(null);
  const loaded = signal(false);
  const cursor = signal<string | null>(null);
  const hasOlder = signal(false);
  const api = createApi({ token: () => token });
  const channel = openChannel({ channel: { channelId: SUPPORT_CHANNEL_ID, token } });
  const frame = gatherByFrame((states) => {
    table.value = mergeStates(table.peek(), states);
  });

  const load = async (from: string | null): Promise<void> => {
    try {
      const page = await api.listImports({ limit: PAGE_SIZE, cursor: from ?? undefined });
      frame.add(page.items);
      // A refreshed first page says nothing of how far older ones have been loaded.
      if (from !== null || !loaded.peek()) {
        cursor.value = page.nextCursor;
        hasOlder.value = page.nextCursor !== null && table.peek().size + page.items.length < MAX_SHOWN;
      }
      loaded.value = true;
      problem.value = null;
    } catch (error) {
      problem.value = explainSupportError(error);
    }
  };

  channel.onNotification((notification) => {
    const state = importStateOf(notification);
    if (state !== null) frame.add([state]);
  });
  channel.onSnapshot((snapshot) => {
    frame.add(
      [...snapshot.durable, ...snapshot.progress].map(importStateOf).filter((state) => state !== null),
    );
    // The channel's history is short: the list is whole.
    void load(null);
  });
  const stopState = watchConnection(channel, (kind) => {
    if (kind === 'refused' && channel.error !== null) problem.value = explainSupportError(channel.error);
    const before = connection.peek();
    const after = connectionAfter(before, kind, Date.now());
    if (after === before) return;
    connection.value = after;
    const said = connectionSaid(before.kind, kind, 'Imports do not depend on this page.');
    if (said !== null) announce(said);
    // The snapshot that the page begins with has to wait then; the list need not.
    if (kind === 'degraded' && !loaded.peek()) void load(null);
  });
  return {
    table,
    connection,
    problem,
    loaded,
    hasOlder,
    loadOlder: () => load(cursor.peek()),
    close: () => {
      stopState();
      frame.stop();
      channel.close();
    },
  };
}

function gatherByFrame(take: (states: readonly ImportState[]) => void) {
  let waiting: ImportState[] = [];
  let handle = 0;
  return {
    add: (states: readonly ImportState[]): void => {
      waiting.push(...states);
      if (handle !== 0 || waiting.length === 0) return;
      handle = requestAnimationFrame(() => {
        handle = 0;
        const states = waiting;
        waiting = [];
        take(states);
      });
    },
    stop: (): void => cancelAnimationFrame(handle),
  };
}
