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
import { pauseAfter } from '@tidings/failures/retry.ts';
import type { Socket } from 'socket.io-client';
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

/** Milliseconds of the shortest pause between attempts. */
const LEAST_MS = 50;
/** Milliseconds of the random part of a pause, at most: it keeps many clients from coming back at once. */
const spreads = { firstMs: 300, longestMs: 10_000 };
/** Milliseconds at most that a server may ask for. */
const MOST_ASKED_MS = 60_000;
/** Milliseconds to wait for a connection, and for the answer to an opening. */
const ANSWER_TIMEOUT_MS = 10_000;

type HubSocket = Socket<ServerToClientEvents, ClientToServerEvents>;

export class HubConnection {
  readonly #address: HubAddress;
  readonly #handlers: HubConnectionHandlers;
  /** null until Socket.IO is there. */
  #socket: HubSocket | null = null;
  readonly #random: () => number;
  #failures = 0;
  /** The hub ends this connection, and answers no further opening on it. */
  #isEnding = false;
  /** The opening whose answer is awaited; the answer to any other is ignored. */
  #opening: object | null = null;
  #isClosed = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #attemptNow = () => {
    if (this.#timer !== undefined) this.#attemptIn(0);
  };

  /** @param random from 0 to below 1; for the moments of reconnecting */
  constructor(address: HubAddress, random: () => number, handlers: HubConnectionHandlers) {
    this.#address = address;
    this.#handlers = handlers;
    this.#random = random;
    browser.addEventListener?.('online', this.#attemptNow);
    void this.#connect();
  }

  /** Asks for the channel, unless an answer is awaited already. */
  async open(): Promise<void> {
    if (this.#opening !== null) return;
    const opening = {};
    this.#opening = opening;
    const request = await this.#handlers.createRequest();
    if (opening !== this.#opening) return;
    this.#socket
      ?.timeout(ANSWER_TIMEOUT_MS)
      .emit('channel:open', request, (failure: Error | null, answer: OpenChannelAnswer) => {
        if (opening !== this.#opening) return;
        this.#opening = null;
        if (failure === null) this.#handlers.onAnswer(answer);
        else this.#reconnect();
      });
  }

  /** Asks for the channel again after a pause that grows with each refusal. */
  openLater(): void {
    this.#failures += 1;
    this.#attemptIn(LEAST_MS + this.#random() * pauseAfter(this.#failures, spreads));
  }

  /** Asks for the channel within so many milliseconds, where it waits for a longer pause to end. */
  openWithin(milliseconds: number): void {
    if (this.#timer !== undefined && !this.#isEnding) this.#attemptWithin(milliseconds);
  }

  /** The channel is open: the pauses begin again with the shortest. */
  succeeded(): void {
    this.#failures = 0;
  }

  close(): void {
    this.#isClosed = true;
    this.#opening = null;
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
      this.#attemptWithin(retryAfterMs);
    });
    return socket.on('server:closing', (notice) => this.#receiveClosing(notice));
  }

  /** A draining hub has named the moment to come back already. */
  #receiveClosing(notice: ClosingNotice): void {
    this.#handlers.onClosing(notice);
    if (!this.#isClosed && !this.#isEnding && notice.retryAfterMs !== undefined)
      this.#attemptWithin(notice.retryAfterMs);
    this.#isEnding = true;
  }

  #lost(): void {
    // Socket.IO keeps what was emitted on a connection that had ended unnoticed: the next one would begin with an old opening.
    if (this.#socket) this.#socket.sendBuffer = [];
    this.#opening = null;
    if (this.#isClosed) return;
    this.#handlers.onLost();
    // The moment that the hub has asked for is kept.
    if (this.#timer === undefined) this.openLater();
  }

  /** At a random moment within the time that a server asks for. */
  #attemptWithin(milliseconds: number): void {
    this.#attemptIn(this.#random() * Math.min(Math.max(milliseconds, 0), MOST_ASKED_MS));
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
