/**
 * The connection to a hub: connects, reconnects after growing pauses, and asks for the channel whenever it is connected.
 * `Channel` decides what the answers mean.
 */
import type { ClosingNotice } from '@tidings/contracts/notifications/closing.ts';
import type { Notification } from '@tidings/contracts/notifications/notification.ts';
import type {
  ClientToServerEvents,
  HubDegraded,
  OpenChannelAnswer,
  OpenChannelRequest,
  ServerToClientEvents,
} from '@tidings/contracts/notifications/socket-events.ts';
import type { Socket } from 'socket.io-client';
import { Backoff } from './backoff.ts';
import type { ChannelCredentials } from './storage.ts';

export interface HubAddress {
  /** The hub's origin, e.g. `https://example.org`; default, in a page, the page's own. */
  readonly url?: string;
  /** Default `/socket.io/`. */
  readonly path?: string;
}

export interface HubConnectionHandlers {
  /** What to ask for when the hub is connected. */
  readonly createRequest: () => Promise<OpenChannelRequest>;
  readonly onAnswer: (answer: OpenChannelAnswer) => void;
  readonly onNotification: (notification: Notification) => void;
  readonly onToken: (renewed: ChannelCredentials) => void;
  readonly onDegraded: (notice: HubDegraded) => void;
  readonly onRecovered: () => void;
  readonly onDraining: () => void;
  /** The hub ends the connection. Where that is not retriable, the handler closes this one. */
  readonly onClosing: (notice: ClosingNotice) => void;
  /** The connection is lost, or none could be made. The next attempt follows. */
  readonly onLost: () => void;
}

/** Milliseconds to wait for a connection, and for the answer to an opening. */
const ANSWER_TIMEOUT_MS = 10_000;

type HubSocket = Socket<ServerToClientEvents, ClientToServerEvents>;

export class HubConnection {
  readonly #address: HubAddress;
  readonly #handlers: HubConnectionHandlers;
  /** null until Socket.IO is there. */
  #socket: HubSocket | null = null;
  readonly #backoff: Backoff;
  /** The hub ends this connection, and answers no further opening on it. */
  #isEnding = false;
  /** Counts the openings; the answer to any but the last is ignored. */
  #opening = 0;
  #isOpening = false;
  #isClosed = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #attemptNow = () => {
    if (this.#timer !== undefined) this.#attemptIn(0);
  };

  /** @param random from 0 to below 1; for the moments of reconnecting */
  constructor(address: HubAddress, random: () => number, handlers: HubConnectionHandlers) {
    this.#address = address;
    this.#handlers = handlers;
    this.#backoff = new Backoff(random);
    browser.addEventListener?.('online', this.#attemptNow);
    void this.#connect();
  }

  /** Asks for the channel, unless an answer is awaited already. */
  async open(): Promise<void> {
    if (this.#isOpening) return;
    this.#opening += 1;
    this.#isOpening = true;
    const opening = this.#opening;
    const request = await this.#handlers.createRequest();
    if (opening !== this.#opening) return;
    this.#socket
      ?.timeout(ANSWER_TIMEOUT_MS)
      .emit('channel:open', request, (failure: Error | null, answer: OpenChannelAnswer) => {
        if (opening !== this.#opening) return;
        this.#isOpening = false;
        if (failure === null) this.#handlers.onAnswer(answer);
        else this.#reconnect();
      });
  }

  /** Asks for the channel again after a pause that grows with each refusal. */
  openLater(): void {
    this.#attemptIn(this.#backoff.next());
  }

  /** Asks for the channel within so many milliseconds, where it waits for a longer pause to end. */
  openWithin(milliseconds: number): void {
    if (this.#timer !== undefined && !this.#isEnding) this.#attemptIn(this.#backoff.within(milliseconds));
  }

  /** The channel is open: the pauses begin again with the shortest. */
  succeeded(): void {
    this.#backoff.succeeded();
  }

  close(): void {
    this.#isClosed = true;
    this.#opening += 1;
    clearTimeout(this.#timer);
    browser.removeEventListener?.('online', this.#attemptNow);
    this.#socket?.disconnect();
  }

  async #connect(): Promise<void> {
    try {
      // Who opens no channel does without Socket.IO.
      const { io } = await import('socket.io-client');
      if (this.#isClosed) return;
      this.#socket ??= this.#listen(io);
      this.#socket.connect();
    } catch {
      this.#lost();
    }
  }

  #listen(io: typeof import('socket.io-client').io): HubSocket {
    const { url, path } = this.#address;
    const socket: HubSocket = io(url as string, {
      path,
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      timeout: ANSWER_TIMEOUT_MS,
    });
    const handlers = this.#handlers;
    socket.on('connect', () => {
      this.#isEnding = false;
      void this.open();
    });
    socket.on('connect_error', () => this.#lost());
    socket.on('disconnect', () => this.#lost());
    socket.on('notification', handlers.onNotification);
    socket.on('channel:token', handlers.onToken);
    socket.on('hub:degraded', handlers.onDegraded);
    socket.on('hub:recovered', handlers.onRecovered);
    socket.on('server:draining', ({ retryAfterMs }) => {
      this.#isEnding = true;
      handlers.onDraining();
      this.#attemptIn(this.#backoff.within(retryAfterMs));
    });
    return socket.on('server:closing', (notice) => this.#receiveClosing(notice));
  }

  /** A draining hub has named the moment to come back already. */
  #receiveClosing(notice: ClosingNotice): void {
    this.#handlers.onClosing(notice);
    if (!this.#isClosed && !this.#isEnding && notice.retryAfterMs !== undefined)
      this.#attemptIn(this.#backoff.within(notice.retryAfterMs));
    this.#isEnding = true;
  }

  #lost(): void {
    // Socket.IO keeps what was emitted on a connection that had ended unnoticed: the next one would begin with an old opening.
    if (this.#socket) this.#socket.sendBuffer = [];
    this.#opening += 1;
    this.#isOpening = false;
    if (this.#isClosed) return;
    this.#handlers.onLost();
    // The moment that the hub has asked for is kept.
    if (this.#timer === undefined) this.#attemptIn(this.#backoff.next());
  }

  #attemptIn(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#socket?.connected && !this.#isEnding) void this.open();
      else this.#reconnect();
    }, milliseconds);
  }

  #reconnect(): void {
    if (this.#socket?.connected) {
      // The timer is set before the socket disconnects: the handler would otherwise start a longer pause.
      this.#attemptIn(0);
      this.#socket.disconnect();
    } else void this.#connect();
  }
}

/** A browser tells when the network is back; Node.js does not. */
const browser = globalThis as Partial<Record<'addEventListener' | 'removeEventListener', OnlineRegistration>>;

type OnlineRegistration = (event: 'online', listener: () => void) => void;
