/**
 * One import as this tab follows it: a channel, perhaps an upload, and the view that both feed. The channel is open before
 * the first byte is sent, so nothing can happen unseen.
 */
import { batch, type ReadonlySignal, signal } from '@preact/signals';
import {
  type Channel,
  type ChannelStorage,
  createApi,
  openChannel,
  ProblemError,
  uploadImport,
} from '@tidings/client/index.ts';
import type { ImportState } from '@tidings/contracts/import.ts';
import { hasEnded } from '@tidings/contracts/import.ts';
import type { Notification } from '@tidings/contracts/notification.ts';
import { announce } from '../shell/announcer.ts';
import { brokenUploadProblem, explainError, unreadableProblem } from '../shell/explain.ts';
import type { PageProblem } from '../shell/page-problem.ts';
import { saveBlob } from '../shell/save-blob.ts';
import { watchConnection } from './connection.ts';
import { type ImportEvent, type ImportView, reduceImport, sendingView, watchingView } from './import-view.ts';
import { milestoneBetween } from './milestones.ts';
import type { RememberedImport, RememberedImports } from './remembered-imports.ts';

export interface FollowedImport {
  /** Names the session within this tab. */
  readonly key: string;
  readonly view: ReadonlySignal<ImportView>;
  /** What it sends, or has sent; null where it only watches. */
  readonly file: File | null;
  downloadRejected(): Promise<void>;
  /** Stops watching; an upload under way goes on. */
  close(): void;
}

export interface SentImport extends FollowedImport {
  readonly file: File;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Ends it, if nothing of the file has been sent yet; whether it did. */
  giveUp(): boolean;
}

/** Sends a file. `onKnown` is called once, when the import has its id and is remembered. */
export function sendFile(
  file: File,
  memory: RememberedImports,
  onKnown: (importId: string) => void,
): SentImport {
  const startedAt = Date.now();
  const channel = openChannel({ storage: renewedTokens(memory) });
  const follow = followChannel(channel, sendingView(file, startedAt), memory);
  const stop = follow.view.subscribe(({ importId }) => {
    const credentials = follow.channel.credentials;
    if (importId === null || credentials === null) return;
    queueMicrotask(() => stop());
    memory.save({
      ...credentials,
      importId,
      fileName: file.name,
      startedAt,
      status: null,
      rows: null,
      nothingImported: false,
    });
    onKnown(importId);
  });
  const waiting = new AbortController();
  void send(file, follow, waiting.signal);
  const giveUp = (): boolean => {
    if (follow.view.peek().upload?.phase !== 'opening') return false;
    waiting.abort();
    follow.session.close();
    follow.dispatch({ type: 'upload.given_up' });
    return true;
  };
  return { ...follow.session, file, startedAt, giveUp };
}

/** Watches an import that this browser has started before. */
export function followImport(remembered: RememberedImport, memory: RememberedImports): FollowedImport {
  const { channelId, token, importId, fileName } = remembered;
  const channel = openChannel({ channel: { channelId, token }, storage: renewedTokens(memory) });
  return followChannel(channel, watchingView(importId, fileName, Date.now()), memory).session;
}

interface Follow {
  readonly channel: Channel;
  readonly view: ReadonlySignal<ImportView>;
  readonly dispatch: (event: ImportEvent) => void;
  readonly session: FollowedImport;
}

async function send(file: File, { channel, dispatch }: Follow, signal: AbortSignal): Promise<void> {
  try {
    const credentials = await channel.ready();
    if (signal.aborted) return;
    dispatch({ type: 'upload.started' });
    const { importId } = await uploadImport({
      file,
      channel: credentials,
      signal,
      onWait: () => dispatch({ type: 'upload.postponed' }),
      onProgress: ({ sentBytes }) => dispatch({ type: 'upload.progress', sentBytes, at: Date.now() }),
    });
    dispatch({ type: 'upload.accepted', importId });
  } catch (error) {
    if (!signal.aborted) dispatch({ type: 'upload.refused', problem: await explainUpload(error, file) });
  }
}

/** No answer came: because of the network, or because the browser could not read the file to its end. */
async function explainUpload(error: unknown, file: File): Promise<PageProblem> {
  if (!(error instanceof ProblemError) || error.code !== 'network') return explainError(error);
  const readable = await file
    .slice(0, 1)
    .arrayBuffer()
    .then(
      () => true,
      () => false,
    );
  return readable ? brokenUploadProblem : unreadableProblem;
}

let followedImportsStarted = 0;

function followChannel(channel: Channel, start: ImportView, memory: RememberedImports): Follow {
  const view = signal(start);
  const comparison = askForComparison(async (importId) => {
    await askForState(importId);
    return view.peek().state?.reconciled != null;
  });
  const api = createApi({ token: () => channel.credentials?.token ?? '' });
  const dispatch = (event: ImportEvent): void => {
    const before = view.peek();
    const after = reduceImport(before, event);
    if (after === before) return;
    view.value = after;
    if (after.state !== null && after.state !== before.state) {
      memory.note(after.state);
      if (hasEnded(after.state) && after.state.reconciled === null) comparison.ask(after.state.importId);
    }
    const said = milestoneBetween(before, after);
    if (said !== null) announce(said);
  };
  const take = (notification: Notification): void => {
    const state = importStateOf(notification);
    if (state !== null) dispatch({ type: 'state', state, at: Date.parse(notification.at) });
  };
  const askForState = async (importId: string): Promise<void> => {
    try {
      dispatch({ type: 'state', state: await api.getImport(importId), at: Date.now() });
    } catch (error) {
      if (view.peek().state === null) dispatch({ type: 'problem', problem: explainError(error) });
    }
  };
  channel.onNotification(take);
  channel.onSnapshot((snapshot) => {
    batch(() => {
      for (const notification of [...snapshot.durable, ...snapshot.progress]) take(notification);
    });
    // History is kept for a day only; what is older the API still knows.
    const { importId, state } = view.peek();
    if (importId !== null && state === null) void askForState(importId);
  });
  const stopState = watchConnection(channel, (kind) => {
    dispatch({ type: 'connection', kind, at: Date.now() });
    const { importId, state } = view.peek();
    // The snapshot that a page begins with has to wait then; the API need not.
    if (kind === 'degraded' && importId !== null && state === null) void askForState(importId);
    if (kind === 'refused') dispatch({ type: 'problem', problem: explainError(channel.error) });
  });
  const session: FollowedImport = {
    key: `session-${++followedImportsStarted}`,
    view,
    file: null,
    downloadRejected: async () => {
      const { importId, fileName } = view.peek();
      if (importId === null) return;
      saveBlob(await api.fetchRejectedCsv(importId), rejectedName(fileName));
    },
    close: () => {
      stopState();
      comparison.stop();
      channel.close();
    },
  };
  return { channel, view, dispatch, session };
}

/** Milliseconds between an import's end and each time that the page asks whether its sums were compared. */
const COMPARISON_DELAYS_MS = [200, 1_000, 3_000, 10_000];

/** The comparison of the sums comes a moment after the end, and no notification tells of it. */
function askForComparison(ask: (importId: string) => Promise<boolean>) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const askIn = (importId: string, [delay, ...later]: readonly number[]): void => {
    if (delay === undefined) return;
    timer = setTimeout(() => {
      void ask(importId).then((known) => {
        if (!known && timer !== undefined) askIn(importId, later);
      });
    }, delay);
  };
  return {
    ask: (importId: string): void => {
      if (timer === undefined) askIn(importId, COMPARISON_DELAYS_MS);
    },
    stop: (): void => {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}

/** Channels renew their tokens while they are open; which channel an import has is kept elsewhere. */
function renewedTokens(memory: RememberedImports): ChannelStorage {
  return {
    load: () => null,
    save: ({ channelId, token }) => memory.renew(channelId, token),
    clear: () => undefined,
  };
}

/** The state that a notification of an import carries; null for any other notification. */
export function importStateOf(notification: Notification): ImportState | null {
  if (!notification.type.startsWith('import.')) return null;
  const { data } = notification;
  if (typeof data !== 'object' || data === null || !('importId' in data) || !('rows' in data)) return null;
  return data as ImportState;
}

/** `contacts.csv` → `contacts-rejected.csv`. */
function rejectedName(fileName: string): string {
  return `${fileName.replace(/\.[^.]*$/, '')}-rejected.csv`;
}
