/**
 * A channel, open as long as it is wanted: reconnects by itself, continues from the position where it was, and never
 * leaves a gap unsaid. Either everything missed follows, in order, or a snapshot replaces all that was known.
 */

import type { Lane, Notification } from '@tidings/contracts/notification.ts';
import type {
  ChannelSnapshot,
  ClientToServerEvents,
  HubDegraded,
  OpenChannelAnswer,
  OpenChannelRequest,
  ServerToClientEvents,
} from '@tidings/contracts/socket-events.ts';
import { io, type Socket } from 'socket.io-client';
import { Backoff } from './backoff.ts';
import { Delivery, type Position } from './delivery.ts';
import { ChannelError } from './errors.ts';
import type { ChannelCredentials, ChannelStorage } from './storage.ts';

/**
 * - `connecting`: not open yet.
 * - `live`: what happens arrives.
 * - `reconnecting`: the connection is lost; nothing is, for it will be continued.
 * - `draining`: the server is going away; another one, or the next one, is looked for.
 * - `closed`: over, by `close()`, or refused for good.
 */
export type ChannelState = 'connecting' | 'live' | 'reconnecting' | 'draining' | 'closed';

export interface OpenChannelOptions {
  /** The hub's origin, e.g. `https://example.org`; default, in a page, its own. */
  readonly url?: string;
  /** Default `/socket.io/`. */
  readonly path?: string;
  /** The channel to listen to; default the stored one, else a new one. */
  readonly channel?: ChannelCredentials;
  /** Where the site has a login: its JWT, for a new channel. */
  readonly userToken?: string;
  readonly storage?: ChannelStorage;
  /** What the caller knows already, from `Channel.position`; default nothing: a snapshot comes first. */
  readonly position?: Position;
  /** From 0 to below 1; for the moments of reconnecting. */
  readonly random?: () => number;
}

export interface NotificationFilter {
  readonly lane?: Lane;
  readonly subject?: string;
}

export interface NotificationDetail {
  /** Durable lane: tells of something that happened, while its state has been replaced by a newer one already. */
  readonly outdated: boolean;
}

type NotificationListener = (notification: Notification, detail: NotificationDetail) => void;
type SnapshotListener = (snapshot: ChannelSnapshot) => void;
type DegradedListener = (degraded: HubDegraded | null) => void;
type StateListener = (state: ChannelState, error: ChannelError | null) => void;
/** Ends what it was returned for. */
export type Unsubscribe = () => void;

/** Milliseconds to wait for a connection, and for the answer to an opening. */
const ANSWER_TIMEOUT_MS = 10_000;
/** Milliseconds within which a channel that a degraded hub refused is asked for again once the hub has recovered. */
const RECOVERED_WITHIN_MS = 1_000;

/** Opens a channel. Add listeners at once, before anything can arrive. */
export function openChannel(options: OpenChannelOptions = {}): Channel {
  return new Channel(options);
}

export class Channel {
  readonly #options: OpenChannelOptions;
  readonly #socket: Socket<ServerToClientEvents, ClientToServerEvents>;
  readonly #backoff: Backoff;
  readonly #delivery: Delivery;
  readonly #notificationListeners = new Set<NotificationListener>();
  readonly #snapshotListeners = new Set<SnapshotListener>();
  readonly #stateListeners = new Set<StateListener>();
  readonly #degradedListeners = new Set<DegradedListener>();
  #credentials: ChannelCredentials | null;
  #state: ChannelState = 'connecting';
  #error: ChannelError | null = null;
  #degraded: HubDegraded | null = null;
  /** The hub has recovered, and the channel that it refused meanwhile is still to be opened. */
  #recovering = false;
  /** Counts the openings asked for; an answer to any but the last is ignored. */
  #opening = 0;
  #isOpening = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #connectNow = () => {
    if (this.#timer !== undefined) this.#schedule(0);
  };

  constructor(options: OpenChannelOptions) {
    this.#options = options;
    this.#credentials = options.channel ?? options.storage?.load() ?? null;
    this.#backoff = new Backoff(options.random ?? Math.random);
    this.#delivery = new Delivery(options.position ?? null);
    const settings = {
      path: options.path ?? '/socket.io/',
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      timeout: ANSWER_TIMEOUT_MS,
    };
    this.#socket = options.url === undefined ? io(settings) : io(options.url, settings);
    this.#listen();
  }

  get state(): ChannelState {
    return this.#state;
  }

  /** Why the last opening was refused; null once one succeeded. */
  get error(): ChannelError | null {
    return this.#error;
  }

  /**
   * Since when and why nothing new is delivered although the hub is connected; nothing is lost by it. Else null: the hub has
   * recovered, and the channel is live; or the connection is lost.
   */
  get degraded(): HubDegraded | null {
    return this.#degraded;
  }

  /** What an upload, or another listener, needs; null before the channel was first open. */
  get credentials(): ChannelCredentials | null {
    return this.#credentials;
  }

  /** Up to where everything has been told; null before the channel was first open. */
  get position(): Position | null {
    return this.#delivery.position;
  }

  /** Resolves when the channel is live. Rejects with a `ChannelError` when it is closed instead. */
  ready(): Promise<ChannelCredentials> {
    return new Promise((resolve, reject) => {
      const settle = () => {
        if (this.#state === 'live' && this.#credentials !== null) resolve(this.#credentials);
        else if (this.#state === 'closed')
          reject(this.#error ?? new ChannelError('aborted', 'The channel was closed.', false));
        else return;
        unsubscribe();
      };
      const unsubscribe = this.onState(settle);
      settle();
    });
  }

  /** Each durable notification once, in order; of progress what is newer than all before. */
  onNotification(listener: NotificationListener, filter: NotificationFilter = {}): Unsubscribe {
    const filtered: NotificationListener = (notification, detail) => {
      if (filter.lane !== undefined && filter.lane !== notification.lane) return;
      if (filter.subject !== undefined && filter.subject !== notification.subject) return;
      listener(notification, detail);
    };
    return subscribe(this.#notificationListeners, filtered);
  }

  /** Forget what you know of the channel: this is all that there is. Comes first, and whenever continuing was impossible. */
  onSnapshot(listener: SnapshotListener): Unsubscribe {
    return subscribe(this.#snapshotListeners, listener);
  }

  onState(listener: StateListener): Unsubscribe {
    return subscribe(this.#stateListeners, listener);
  }

  onDegraded(listener: DegradedListener): Unsubscribe {
    return subscribe(this.#degradedListeners, listener);
  }

  /** Ends it. The stored channel stays, for the next time. */
  close(): void {
    this.#close(null);
  }

  #listen(): void {
    const socket = this.#socket;
    socket.on('connect', () => this.#open());
    socket.on('connect_error', () => this.#lost());
    socket.on('disconnect', () => this.#lost());
    socket.on('notification', (notification) => this.#receive(notification));
    socket.on('channel:token', (renewed) => {
      if (renewed.channelId === this.#credentials?.channelId) this.#keep(renewed);
    });
    socket.on('hub:degraded', (notice) => {
      this.#recovering = false;
      this.#setDegraded(notice);
    });
    socket.on('hub:recovered', () => this.#hubRecovered());
    socket.on('server:draining', ({ retryAfterMs }) => {
      this.#setState('draining');
      this.#schedule(this.#backoff.within(retryAfterMs));
    });
    browser.addEventListener?.('online', this.#connectNow);
  }

  /** Asks for the channel, from the position that is known. */
  #open(): void {
    this.#opening += 1;
    this.#isOpening = true;
    const opening = this.#opening;
    this.#socket
      .timeout(ANSWER_TIMEOUT_MS)
      .emit('channel:open', this.#request(), (failure: Error | null, answer: OpenChannelAnswer) => {
        if (opening !== this.#opening || this.#state === 'closed') return;
        this.#isOpening = false;
        if (failure !== null) this.#reconnect();
        else this.#answered(answer);
      });
  }

  #request(): OpenChannelRequest {
    const { userToken } = this.#options;
    if (this.#credentials === null) return userToken === undefined ? {} : { userToken };
    const { channelId, token } = this.#credentials;
    const position = this.#delivery.position;
    return position === null ? { channelId, token } : { channelId, token, ...position };
  }

  #answered(answer: OpenChannelAnswer): void {
    if ('error' in answer) {
      const { code, message, retriable } = answer.error;
      this.#error = new ChannelError(code, message, retriable);
      if (!retriable) {
        this.#refused(this.#error);
        return;
      }
      if (this.#state === 'live') this.#setState('reconnecting');
      this.#schedule(this.#backoff.next());
      return;
    }
    this.#error = null;
    this.#backoff.succeeded();
    this.#keep(answer);
    const snapshot = this.#delivery.open(answer);
    this.#setState('live');
    if (this.#recovering) this.#setDegraded(null);
    this.#recovering = false;
    if (snapshot !== null) for (const listener of this.#snapshotListeners) listener(snapshot);
    else for (const notification of answer.snapshot.progress) this.#receive(notification);
  }

  #receive(notification: Notification): void {
    if (this.#state === 'closed' || notification.channelId !== this.#credentials?.channelId) return;
    const verdict = this.#delivery.receive(notification);
    if (verdict === 'gap' && !this.#isOpening) this.#open();
    if (verdict !== 'next' && verdict !== 'outdated') return;
    const detail = { outdated: verdict === 'outdated' };
    for (const listener of this.#notificationListeners) listener(notification, detail);
  }

  #refused(error: ChannelError): void {
    if (this.#options.channel === undefined) this.#options.storage?.clear();
    this.#close(error);
  }

  #hubRecovered(): void {
    if (this.#state === 'live') {
      this.#setDegraded(null);
      return;
    }
    this.#recovering = true;
    // The pause has grown with the outage, which is over.
    if (this.#timer !== undefined && this.#state !== 'draining')
      this.#schedule(this.#backoff.within(RECOVERED_WITHIN_MS));
  }

  #lost(): void {
    this.#opening += 1;
    this.#isOpening = false;
    this.#recovering = false;
    this.#setDegraded(null);
    if (this.#state === 'closed') return;
    if (this.#state === 'live') this.#setState('reconnecting');
    // A moment that a draining server has asked for stands.
    if (this.#timer === undefined) this.#schedule(this.#backoff.next());
  }

  #schedule(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#socket.connected && this.#state !== 'draining') this.#open();
      else this.#reconnect();
    }, milliseconds);
  }

  #reconnect(): void {
    if (this.#socket.connected) {
      // Ends in `disconnect`, and that in the next attempt.
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        this.#socket.connect();
      }, 0);
      this.#socket.disconnect();
    } else {
      this.#socket.connect();
    }
  }

  #keep({ channelId, token }: ChannelCredentials): void {
    this.#credentials = { channelId, token };
    this.#options.storage?.save(this.#credentials);
  }

  #setDegraded(degraded: HubDegraded | null): void {
    if (this.#degraded === degraded) return;
    this.#degraded = degraded;
    for (const listener of this.#degradedListeners) listener(degraded);
  }

  #setState(state: ChannelState): void {
    if (this.#state === state || this.#state === 'closed') return;
    this.#state = state;
    for (const listener of this.#stateListeners) listener(state, this.#error);
  }

  #close(error: ChannelError | null): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    browser.removeEventListener?.('online', this.#connectNow);
    this.#error = error;
    this.#setState('closed');
    this.#socket.disconnect();
  }
}

/** A browser tells when the network is back; Node.js does not. */
const browser = globalThis as Partial<Record<'addEventListener' | 'removeEventListener', OnlineRegistration>>;

type OnlineRegistration = (event: 'online', listener: () => void) => void;

function subscribe<Listener>(listeners: Set<Listener>, listener: Listener): Unsubscribe {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}
