/** One import as this tab follows it: its channel feeds a view, and what changes in the view is announced and remembered. */
import { batch, type ReadonlySignal, signal } from '@preact/signals';
import { type Channel, type ChannelStorage, createApi, openChannel } from '@tidings/client/index.ts';

import type { Notification } from '@tidings/contracts/notification.ts';
import { announce } from '../shell/announcer.ts';
import { explainError } from '../shell/explain.ts';
import type { ServicesAddress } from '../shell/services-address.ts';
import { watchConnection } from './connection.ts';
import { importStateOf } from './import-notification.ts';
import { type ImportEvent, type ImportView, reduceImport, watchingView } from './import-view.ts';
import { milestoneBetween } from './milestones.ts';
import type { RememberedImport, RememberedImports } from './remembered-imports.ts';

export interface FollowedImport {
  /** Unique within this tab. */
  readonly key: string;
  readonly view: ReadonlySignal<ImportView>;
  /** The file that this tab sends, or has sent; null where it only watches. */
  readonly file: File | null;
  /** @throws ProblemError */
  fetchRejectedCsv(): Promise<Blob>;
  /** Stops following; an upload under way goes on. */
  close(): void;
}

export interface FollowOptions extends ServicesAddress {
  readonly remembered: RememberedImports;
}

/** What feeds a followed import. */
export interface ImportFeed {
  readonly channel: Channel;
  readonly dispatch: (event: ImportEvent) => void;
  readonly followed: FollowedImport;
}

/** Follows an import that this browser has started before. */
export function followImport(entry: RememberedImport, options: FollowOptions): FollowedImport {
  const { channelId, token, importId, fileName } = entry;
  const channel = openChannel({
    url: options.hubUrl,
    channel: { channelId, token },
    storage: renewedTokens(options.remembered),
  });
  return feedFromChannel(channel, watchingView(importId, fileName, Date.now()), options).followed;
}

let importsFollowed = 0;

/** Feeds a view from a channel, and from the API where the channel does not tell the state. */
export function feedFromChannel(
  channel: Channel,
  start: ImportView,
  { apiUrl, remembered }: FollowOptions,
): ImportFeed {
  const view = signal(start);
  const api = createApi({ baseUrl: apiUrl, token: () => channel.credentials?.token ?? '' });
  const dispatch = (event: ImportEvent): void => {
    const before = view.peek();
    const after = reduceImport(before, event);
    if (after === before) return;
    view.value = after;
    if (after.state !== null && after.state !== before.state) remembered.note(after.state);
    const sentence = milestoneBetween(before, after);
    if (sentence !== null) announce(sentence);
  };
  const fetchState = async (importId: string): Promise<void> => {
    try {
      dispatch({ type: 'state', state: await api.getImport(importId), at: Date.now() });
    } catch (error) {
      if (view.peek().state === null) dispatch({ type: 'problem', problem: explainError(error) });
    }
  };
  const stopFeeding = feedNotifications(channel, view, { dispatch, fetchState });
  const followed: FollowedImport = {
    key: `followed-${++importsFollowed}`,
    view,
    file: null,
    fetchRejectedCsv: () => api.fetchRejectedCsv(view.peek().importId ?? ''),
    close: () => {
      stopFeeding();
      channel.close();
    },
  };
  return { channel, dispatch, followed };
}

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

/** Keeps a channel's renewed tokens. Which channel an import has stands with the remembered import. */
export function renewedTokens(remembered: RememberedImports): ChannelStorage {
  return {
    load: () => null,
    save: ({ channelId, token }) => remembered.renew(channelId, token),
    clear: () => undefined,
  };
}
