/** One import as support sees it: its state, live; its chunks, events, orders and webhooks, read again when it has changed. */
import { batch, type ReadonlySignal, signal } from '@preact/signals';
import { createApi, openChannel } from '@tidings/client/index.ts';
import { createSupportApi, type SupportApi } from '@tidings/client/support.ts';
import { type ImportState, isAtRest } from '@tidings/contracts/imports/import.ts';
import type { EventItem } from '@tidings/contracts/imports/listed-events.ts';
import { SUPPORT_CHANNEL } from '@tidings/contracts/notifications/notification.ts';
import type { AuditItem, ChunkItem } from '@tidings/contracts/services/support.ts';
import { type ConnectionView, connectionAfter, watchConnection } from '../../following/view/connection.ts';
import { importStateOf } from '../../following/view/import-notification.ts';
import { isOlder, withLookedUp } from '../../following/view/import-view.ts';
import type { PageProblem } from '../../shell/services/page-problem.ts';
import type { ServicesAddress } from '../../shell/services/services-address.ts';
import { untilAnswered } from '../../shell/services/until-answered.ts';
import { movedBefore } from '../list/import-table.ts';
import { explainSupportError } from '../support-problem.ts';
import type { SentDelivery } from './timeline.ts';

export interface FollowedStory {
  readonly state: ReadonlySignal<ImportState | null>;
  /** When the import's numbers changed last, as far as this page knows; milliseconds since 1970. */
  readonly movedAt: ReadonlySignal<number>;
  readonly connection: ReadonlySignal<ConnectionView>;
  readonly problem: ReadonlySignal<PageProblem | null>;
  readonly chunks: ReadonlySignal<readonly ChunkItem[]>;
  readonly events: ReadonlySignal<readonly EventItem[]>;
  /** Whether the log may have more events than were read. */
  readonly hasMoreEvents: ReadonlySignal<boolean>;
  readonly orders: ReadonlySignal<readonly AuditItem[]>;
  readonly deliveries: ReadonlySignal<readonly SentDelivery[]>;
  readonly api: SupportApi;
  /** Resolves once they have been read, or cannot be, which `problem` tells. */
  readMoreEvents(): Promise<void>;
  /** Reads everything again, soon: an order is obeyed a moment after its answer. */
  refresh(): void;
  close(): void;
}

const PAGE_SIZE = 500;
/** Chunks that the page knows, at most. */
const MOST_CHUNKS = 5_000;
/** Events that the page reads by itself, and more for each time that somebody asks. */
const EVENTS_AT_ONCE = 1_000;
/** Orders that the page knows, at most. */
const MAX_ORDERS = 2_000;
/** Milliseconds between two times that a changing import is read again. */
const AGAIN_MS = 2_000;

export function followStory(
  importId: string,
  token: string,
  { hubUrl, apiUrl }: ServicesAddress = {},
  againMs = AGAIN_MS,
): FollowedStory {
  const credentials = { baseUrl: apiUrl, token: () => token };
  const [api, support] = [createApi(credentials), createSupportApi(credentials)];
  const state = signal<ImportState | null>(null);
  const movedAt = signal(Date.now());
  const connection = signal<ConnectionView>({ kind: 'connecting', since: Date.now() });
  const problem = signal<PageProblem | null>(null);
  const parts = createParts(support, importId);
  const leaving = new AbortController();
  let isStale = true;
  let reading: Promise<void> | null = null;
  const take = (next: ImportState): void => {
    const known = state.peek();
    if (known !== null && isOlder(next, known)) return;
    if (known === null) movedAt.value = movedBefore(next, Date.now());
    else if (next.movedAt !== known.movedAt) movedAt.value = Date.now();
    state.value = { ...withLookedUp(next, known), owner: next.owner ?? known?.owner };
  };
  const readAll = async (): Promise<void> => {
    try {
      const found = await untilAnswered(() => api.getImport(importId, leaving.signal), {
        signal: leaving.signal,
        onWait: (error) => {
          problem.value = explainSupportError(error);
        },
      });
      take(found);
      await parts.read(found, leaving.signal);
      problem.value = null;
    } catch (error) {
      if (!leaving.signal.aborted) problem.value = explainSupportError(error);
    }
  };
  const read = async (): Promise<void> => {
    if (reading !== null || !isStale) return;
    isStale = false;
    reading = readAll().finally(() => {
      reading = null;
    });
    await reading;
  };
  const channel = openChannel({ url: hubUrl, channel: { channelId: SUPPORT_CHANNEL, token } });
  channel.onNotification((notification) => {
    const told = importStateOf(notification);
    if (told === null) return;
    if (told.importId === importId) take(told);
    // The story is stale also where it is being read: the answer may be from before the notification.
    if (told.importId === importId || mayMend(told, state.peek())) isStale = true;
  });
  channel.onSnapshot(() => {
    isStale = true;
    void read();
  });
  const stopWatching = watchConnection(channel, (kind) => {
    connection.value = connectionAfter(connection.peek(), kind, Date.now());
    if (kind === 'refused' && channel.error !== null) problem.value = explainSupportError(channel.error);
  });
  const asking = setInterval(() => void read(), againMs);
  void read();
  return {
    ...{ state, movedAt, connection, problem, api: support, ...parts.signals },
    readMoreEvents: async () => {
      parts.wantMoreEvents();
      // What is being read may be past the events.
      while (reading !== null) await reading;
      isStale = true;
      await read();
    },
    refresh: () => {
      isStale = true;
    },
    close: () => {
      clearInterval(asking);
      stopWatching();
      leaving.abort();
      channel.close();
    },
  };
}

/** Whether less or more may be left to mend of the import by now. It may also mend one that mends the import. */
function mayMend(told: ImportState, state: ImportState | null): boolean {
  const hasRejected = state !== null && state.rows.rejected > 0;
  return hasRejected && told.mends !== null && told.owner === state.owner && isAtRest(told);
}

/** What is read of an import beside its state. */
function createParts(api: SupportApi, importId: string) {
  const chunks = signal<readonly ChunkItem[]>([]);
  const events = signal<readonly EventItem[]>([]);
  const hasMoreEvents = signal(false);
  const orders = signal<readonly AuditItem[]>([]);
  const deliveries = signal<readonly SentDelivery[]>([]);
  const known = new Map<string, EventItem>();
  let wanted = EVENTS_AT_ONCE;
  /** Where the last page of events began: it may have grown. */
  let cursor: string | undefined;

  async function readEvents(signal: AbortSignal): Promise<void> {
    let hasMore = true;
    do {
      const page = await api.listEvents(importId, { cursor, limit: PAGE_SIZE, signal });
      for (const item of page.items) known.set(item.eventId, item);
      hasMore = page.nextCursor !== null;
      cursor = page.nextCursor ?? cursor;
    } while (hasMore && known.size < wanted);
    // Nobody can ask for more before what is read anyway is there.
    batch(() => {
      hasMoreEvents.value = hasMore;
      if (known.size !== events.peek().length) events.value = [...known.values()];
    });
  }

  return {
    signals: { chunks, events, hasMoreEvents, orders, deliveries },
    wantMoreEvents: () => {
      wanted += EVENTS_AT_ONCE;
    },
    read: async (state: ImportState, signal: AbortSignal): Promise<void> => {
      const reads = [
        readPages((page) => api.listChunks(importId, { ...page, signal }), MOST_CHUNKS).then((found) => {
          chunks.value = found;
        }),
        readEvents(signal),
        readPages((page) => api.listAudit({ ...page, importId, signal }), MAX_ORDERS).then((found) => {
          // A jobs service of an earlier release tells of all imports.
          orders.value = found.filter((order) => order.importId === importId);
        }),
        readDeliveries(api, state).then((found) => {
          deliveries.value = found;
        }),
      ];
      // What one of them cannot tell takes nothing away from the others.
      const failed = (await Promise.allSettled(reads)).find((result) => result.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    },
  };
}

type ReadPage<Item> = (page: { readonly cursor?: string; readonly limit: number }) => Promise<{
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}>;

async function readPages<Item>(readPage: ReadPage<Item>, most: number): Promise<Item[]> {
  const found: Item[] = [];
  let cursor: string | undefined;
  do {
    const page = await readPage({ cursor, limit: PAGE_SIZE });
    found.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined && found.length < most);
  return found.slice(0, most);
}

/** What was sent of this import to the owner's webhooks, of which an owner has few. */
async function readDeliveries(api: SupportApi, { importId, owner }: ImportState): Promise<SentDelivery[]> {
  const { items } = await api.listWebhooks();
  const own = items.filter((webhook) => webhook.owner === owner);
  const sent = await Promise.all(
    own.map(async ({ id, url }) => {
      const page = await api.listDeliveries(id, { limit: PAGE_SIZE });
      const ofImport = page.items.filter(({ subject }) => subject === importId);
      return ofImport.map((delivery) => ({ host: new URL(url).host, delivery }));
    }),
  );
  return sent.flat();
}
