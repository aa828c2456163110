/** One import as this tab follows it: its channel feeds a view, and what changes in the view is announced and remembered. */
import { batch, type ReadonlySignal, signal } from '@preact/signals';
import {
  type Api,
  type Channel,
  type ChannelStorage,
  createApi,
  openChannel,
  ProblemError,
} from '@tidings/client/index.ts';
import type { Page } from '@tidings/contracts/http.ts';
import { type ImportState, isAtRest } from '@tidings/contracts/imports/import.ts';
import type { UndoItem } from '@tidings/contracts/imports/undo-outcomes.ts';
import type { Notification } from '@tidings/contracts/notifications/notification.ts';
import { announce } from '../../shell/frame/announcer.ts';
import { explainError } from '../../shell/services/explain.ts';
import type { ServicesAddress } from '../../shell/services/services-address.ts';
import { untilAnswered } from '../../shell/services/until-answered.ts';
import { announcements } from '../../words/words.ts';
import type { RejectedAccess } from '../access/rejected-access.ts';
import type { RememberedImport, RememberedImports } from '../access/remembered-imports.ts';
import { milestoneBetween } from '../shown/milestones.ts';
import { shownFile } from '../shown/shown-file.ts';
import { watchConnection } from '../view/connection.ts';
import { importStateOf } from '../view/import-notification.ts';
import { type ImportEvent, type ImportView, reduceImport, watchingView } from '../view/import-view.ts';

export interface FollowedImport {
  /** Unique within this tab. */
  readonly key: string;
  readonly view: ReadonlySignal<ImportView>;
  /**
   * Sends the file again from its first byte, as the same import, after its upload has ended without the last one. The services
   * hold it until what had arrived is taken back. null in a tab that does not hold the file.
   */
  readonly sendAgain: (() => void) | null;
  readonly actions: FollowedActions;
  /** Stops following; an upload under way goes on. */
  close(): void;
}

/** What a reader can ask of an import that has an id. Each rejects with `ProblemError`. */
export interface FollowedActions {
  /** Asks until the services answer, also after this has been left: who cancels must not leave an import running unseen. */
  cancel(): Promise<void>;
  takeBack(): Promise<void>;
  retryFailed(): Promise<void>;
  /** The contacts that an undo has reached; `cursor` is null for the first page. */
  fetchKept(cursor: string | null): Promise<Page<UndoItem>>;
  /** @param fileName of the imports of mended rows */
  openRejected(fileName: string): Promise<RejectedAccess>;
}

export interface FollowOptions extends ServicesAddress {
  readonly remembered: RememberedImports;
  /** Milliseconds without news after which the API is asked what the import waits for. Default 4 s. */
  readonly quietMs?: number;
  /** Milliseconds of waiting after which an upload is not sent again by itself. Default: the client library's. */
  readonly patienceMs?: number;
  /** Where people sign in: fetches the token of who is signed in, for each new channel. */
  readonly fetchUserToken?: () => Promise<string>;
  /** Told each change of an import that is followed, before it is remembered. */
  readonly onChange?: (before: ImportView, after: ImportView) => void;
  /** Ends what is asked again and again. Default: the page's own end does. */
  readonly pageEnd?: AbortSignal;
}

const DEFAULT_QUIET_MS = 4_000;

/** What feeds a followed import. */
export interface ImportFeed {
  readonly channel: Channel;
  readonly api: Api;
  readonly dispatch: (event: ImportEvent) => void;
  readonly followed: FollowedImport;
}

/** Follows an import that this browser has started before. */
export function followImport(entry: RememberedImport, options: FollowOptions): FollowedImport {
  const { channelId, token, importId, fileName, cancelWaits } = entry;
  const channel = openChannel({
    url: options.hubUrl,
    channel: { channelId, token },
    storage: renewedTokens(options.remembered),
  });
  const { dispatch, followed } = feedFromChannel(
    channel,
    watchingView(importId, fileName, Date.now()),
    options,
  );
  if (cancelWaits) {
    dispatch({ type: 'cancel.unanswered' });
    void followed.actions.cancel();
  }
  return followed;
}

let importsFollowed = 0;

/** Feeds a view from a channel, and from the API where the channel does not tell the state. */
export function feedFromChannel(
  channel: Channel,
  start: ImportView,
  { apiUrl, remembered, quietMs = DEFAULT_QUIET_MS, pageEnd, onChange }: FollowOptions,
): ImportFeed {
  const view = signal(start);
  const api = createApi({ baseUrl: apiUrl, token: () => channel.credentials?.token ?? '' });
  const dispatch = (event: ImportEvent): void => {
    const before = view.peek();
    const after = reduceImport(before, event);
    if (after === before) return;
    view.value = after;
    onChange?.(before, after);
    if (after.state !== null && after.state !== before.state) remembered.note(after.state);
    const sentence = milestoneBetween(before, after);
    if (sentence === null) return;
    const isShown = shownFile.peek() === after.fileName;
    announce(isShown ? sentence : announcements.ofFile(after.fileName, sentence));
  };
  const fetchState = async (importId: string): Promise<void> => {
    try {
      dispatch({ type: 'state', state: await api.getImport(importId), at: Date.now() });
    } catch (error) {
      if (view.peek().state === null) dispatch({ type: 'problem', problem: explainError(error) });
    }
  };
  const stopFeeding = feedNotifications(channel, view, { dispatch, fetchState });
  const stopAsking = askWhileQuiet(view, fetchState, quietMs);
  const followed: FollowedImport = {
    key: `followed-${++importsFollowed}`,
    view,
    sendAgain: null,
    actions: createActions(channel, api, view, { dispatch, remembered, pageEnd, apiUrl }),
    close: () => {
      stopFeeding();
      stopAsking();
      channel.close();
    },
  };
  return { channel, api, dispatch, followed };
}

function createActions(
  channel: Channel,
  api: Api,
  view: ReadonlySignal<ImportView>,
  {
    dispatch,
    remembered,
    pageEnd,
    apiUrl,
  }: Pick<ImportFeed, 'dispatch'> & Pick<FollowOptions, 'remembered' | 'pageEnd' | 'apiUrl'>,
): FollowedActions {
  const importId = (): string => view.peek().importId ?? '';
  const ask = async (action: Promise<ImportState>): Promise<void> => {
    try {
      dispatch({ type: 'state', state: await action, at: Date.now() });
    } catch (error) {
      // The import is further than the page knew; what it is now says more than the refusal.
      if (error instanceof ProblemError && error.code === 'state_conflict')
        dispatch({ type: 'state', state: await api.getImport(importId()), at: Date.now() });
      else throw error;
    }
  };
  return {
    cancel: async () => {
      remembered.noteCancel(importId(), true);
      try {
        await untilAnswered(() => ask(api.cancelImport(importId())), {
          signal: pageEnd,
          onWait: () => dispatch({ type: 'cancel.unanswered' }),
        });
      } catch (error) {
        // The question, which would say so, has given way to the note that no answer came.
        if (view.peek().cancelWaits === null) throw error;
        dispatch({ type: 'problem', problem: explainError(error) });
      } finally {
        remembered.noteCancel(importId(), false);
        dispatch({ type: 'cancel.answered' });
      }
    },
    takeBack: () => ask(api.undoImport(importId())),
    retryFailed: () => ask(api.retryImport(importId())),
    fetchKept: (cursor) => api.listUndo(importId(), { cursor: cursor ?? undefined }),
    openRejected: async (fileName) => {
      const { openRejected } = await loadRejectedAccess();
      return openRejected({
        ...{ importId: importId(), fileName, api, apiUrl, remembered },
        credentials: () => channel.credentials,
        onState: (state) => dispatch({ type: 'state', state, at: Date.now() }),
      });
    },
  };
}

/** Fetched by those alone who see an import, for the rows that they may have to mend. */
export const loadRejectedAccess = () => import('../access/rejected-access.ts');

interface FeedTargets {
  readonly dispatch: (event: ImportEvent) => void;
  readonly fetchState: (importId: string) => Promise<void>;
}

function feedNotifications(
  channel: Channel,
  view: ReadonlySignal<ImportView>,
  { dispatch, fetchState }: FeedTargets,
): () => void {
  const take = (notification: Notification): void => {
    const state = importStateOf(notification);
    if (state !== null) dispatch({ type: 'state', state, at: Date.parse(notification.at) });
  };
  const fetchUnknownState = (): void => {
    const { importId, state } = view.peek();
    if (importId !== null && state === null) void fetchState(importId);
  };
  channel.onNotification(take);
  channel.onSnapshot(({ durable, progress }) => {
    batch(() => {
      for (const notification of [...durable, ...progress]) take(notification);
    });
    // The channel's history is kept for a day only; the API knows older imports.
    fetchUnknownState();
  });
  return watchConnection(channel, (kind) => {
    dispatch({ type: 'connection', kind, at: Date.now() });
    // A degraded hub sends no snapshot, but the API may answer.
    if (kind === 'degraded') fetchUnknownState();
    if (kind === 'refused') dispatch({ type: 'problem', problem: explainError(channel.error) });
  });
}

/**
 * The channel tells what has changed, and only the API what an import waits for while nothing changes. An API that could not
 * tell the first state is asked again.
 */
function askWhileQuiet(
  view: ReadonlySignal<ImportView>,
  fetchState: FeedTargets['fetchState'],
  quietMs: number,
): () => void {
  let newsAt = Date.now();
  let version: number | undefined;
  const stop = view.subscribe(({ state }) => {
    if (state?.version !== version) newsAt = Date.now();
    version = state?.version;
  });
  const timer = setInterval(() => {
    const { importId, state, problem } = view.peek();
    const isOpen = state === null ? problem?.retriable === true : !isAtRest(state);
    const isQuiet = Date.now() - newsAt >= quietMs;
    if (importId !== null && isOpen && isQuiet) void fetchState(importId);
  }, quietMs);
  return () => {
    stop();
    clearInterval(timer);
  };
}

/** Keeps a channel's renewed tokens. Which channel an import has stands with the remembered import. */
export function renewedTokens(remembered: RememberedImports): ChannelStorage {
  return {
    load: () => null,
    save: ({ channelId, token }) => remembered.renew(channelId, token),
    clear: () => undefined,
  };
}
