/** Receives along the flow: the requests of browsers, which may open and close channels and nothing else. */

import type {
  CloseChannelAnswer,
  CloseChannelRequest,
  OpenChannelAnswer,
  OpenChannelRequest,
  SocketError,
} from '@tidings/contracts/notifications/socket-events.ts';
import {
  closeChannelRequestSchema,
  openChannelRequestSchema,
} from '@tidings/contracts/schemas/notifications/socket-events.ts';
import { revoked } from '@tidings/service-kit/access/bearers.ts';
import { Problem, toProblem } from '@tidings/service-kit/http/problem.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import type { ChannelHistory } from '../history/channel-history.ts';
import type { HubLimits } from '../limits.ts';
import type { HubMetrics } from '../metrics.ts';
import { type Grant, type GrantParts, grantChannel, grantNewChannel, knownPosition } from './admission.ts';
import { ChannelSubscription } from './channel-subscription.ts';
import type { Clients } from './clients.ts';
import type { ChannelListeners } from './listeners.ts';
import { MinuteCount } from './minute-count.ts';
import type { BrowserServer, BrowserSocket } from './socket-types.ts';
import { SocketWriter } from './to-browser.ts';

export interface BrowserParts extends GrantParts {
  readonly history: ChannelHistory;
  readonly listeners: ChannelListeners;
  readonly clients: Clients;
  /** Brings a channel subscription that misses something up to date. */
  readonly catchUp: (subscription: ChannelSubscription) => void;
  readonly limits: HubLimits;
  readonly metrics: HubMetrics;
  readonly logger: Logger;
  /** The client's address, as far as the proxies in front of the hub are trusted, by its `addressKey`. */
  readonly addressOf: (socket: BrowserSocket) => string;
}

/** By this factor a socket may exceed its limit of messages in a minute before its connection is closed. */
const FLOOD_FACTOR = 10;

export function acceptBrowsers(server: BrowserServer, parts: BrowserParts): void {
  server.on('connection', (socket) => {
    new BrowserConnection(socket, parts).listen();
  });
}

/** One socket: its open channels, and its requests, which are answered one after another. */
class BrowserConnection {
  readonly #socket: BrowserSocket;
  readonly #parts: BrowserParts;
  readonly #writer: SocketWriter;
  readonly #subscriptions = new Map<string, ChannelSubscription>();
  #requests: Promise<void> = Promise.resolve();
  readonly #messages = new MinuteCount();
  #waitingRequests = 0;
  /** Runs while the socket has no channel. */
  #channelTimeout: NodeJS.Timeout | undefined;

  constructor(socket: BrowserSocket, parts: BrowserParts) {
    this.#socket = socket;
    this.#parts = parts;
    this.#writer = new SocketWriter(socket, parts.limits, parts.metrics, parts.logger);
  }

  listen(): void {
    this.#parts.metrics.sockets.inc();
    this.#parts.clients.add(this.#writer);
    // A middleware sees every message, also those of unknown names; no typed handler stands behind it.
    this.#socket.use((message) => this.#receive(message));
    this.#socket.on('disconnect', () => this.#close());
    this.#expectChannel();
  }

  /** Disconnects the client if it opens no channel in time. */
  #expectChannel(): void {
    clearTimeout(this.#channelTimeout);
    if (this.#subscriptions.size > 0 || !this.#socket.connected) return;
    this.#channelTimeout = setTimeout(() => {
      this.#parts.metrics.idleSockets.inc();
      this.#writer.disconnect('idle');
    }, this.#parts.limits.withoutChannelMs);
  }

  #receive(message: readonly unknown[]): void {
    const { limits, metrics } = this.#parts;
    if (this.#writer.isClosed) return;
    const messages = this.#messages.add();
    const [name, ...rest] = message;
    const answer = readAnswer(rest.at(-1));
    if (answer === null || this.#waitingRequests >= limits.messagesPerSocketMinute) {
      metrics.ignored.inc();
      if (messages > limits.messagesPerSocketMinute * FLOOD_FACTOR) this.#writer.disconnect('flood');
      return;
    }
    this.#waitingRequests += 1;
    this.#requests = this.#requests
      .then(() => this.#answerRequest(name, rest.length > 1 ? rest[0] : undefined, answer))
      .catch((error: unknown) => this.#writer.fail(error))
      .finally(() => {
        this.#waitingRequests -= 1;
      });
  }

  async #answerRequest(name: unknown, payload: unknown, answer: Answer): Promise<void> {
    const { metrics, logger, rates } = this.#parts;
    try {
      await rates.countMessage(this.#socket.id);
      if (name === 'channel:open') await this.#open(readRequest(payload), answer);
      else if (name === 'channel:close') this.#closeChannel(readClosing(payload), answer);
      else {
        metrics.ignored.inc();
        throw new Problem('invalid_request', 'The hub knows two requests: channel:open and channel:close.');
      }
    } catch (error) {
      const problem = toProblem(error);
      // The refusal is the hub's fault, so the connection stays: a reconnection would not help the client.
      if (problem.code === 'unavailable') this.#expectChannel();
      if (problem.code === 'internal') logger.error({ err: error }, 'opening a channel failed');
      metrics.opens.inc({ outcome: problem.code });
      answer(toSocketError(problem));
    }
  }

  async #open(request: OpenChannelRequest, answer: Answer): Promise<void> {
    const { history, metrics } = this.#parts;
    const known = knownPosition(request);
    // One snapshot at a time: a client that does not read the first gets no second.
    if (this.#writer.isOverfull()) await new Promise<void>((resolve) => this.#writer.whenDrained(resolve));
    const grant = await this.#grant(request);
    const subscription = this.#subscribe(grant);
    const isNew = request.channelId === undefined;
    const opening = isNew ? history.begin(grant.channelId) : history.open(grant.channelId, known);
    const opened = await opening.catch((error: unknown) => {
      this.#unsubscribe(subscription);
      throw error;
    });
    const { epoch, seq, recovered } = opened;
    metrics.opens.inc({ outcome: known === null ? 'new' : recovered ? 'recovered' : 'snapshot' });
    const snapshot = {
      progress: [...opened.progress],
      durable: recovered ? [] : [...opened.durable],
    };
    const { channelId, token } = grant;
    try {
      subscription.complete(() => answer({ channelId, token, epoch, seq, recovered, snapshot }), opened);
    } catch (error) {
      // The client may have its answer, and takes the channel for open: another answer would not reach it.
      this.#writer.fail(error);
    }
  }

  #closeChannel({ channelId }: CloseChannelRequest, answer: Answer): void {
    const subscription = this.#subscriptions.get(channelId);
    if (subscription !== undefined) this.#unsubscribe(subscription);
    answer({ channelId });
  }

  #grant(request: OpenChannelRequest): Promise<Grant> {
    const address = this.#parts.addressOf(this.#socket);
    return request.channelId === undefined
      ? grantNewChannel(this.#parts, request.userToken, address)
      : grantChannel(this.#parts, request, address, this.#socket.handshake.headers);
  }

  /** Runs before the history is read, so that the subscription holds back whatever is appended from here on. */
  #subscribe(grant: Grant): ChannelSubscription {
    const { limits, listeners, metrics, catchUp, tokens } = this.#parts;
    // A revocation during the verification found no subscription to disconnect.
    if (grant.renewal !== null && tokens.isRevoked(grant.renewal)) throw revoked();
    const known = this.#subscriptions.get(grant.channelId);
    if (known !== undefined) {
      known.hold();
      known.renewal = grant.renewal;
      return known;
    }
    if (this.#subscriptions.size >= limits.channelsPerSocket) {
      throw new Problem('invalid_request', `One connection may open ${limits.channelsPerSocket} channels.`);
    }
    listeners.checkRoom(grant.channelId, limits);
    const subscription = new ChannelSubscription(grant.channelId, this.#writer, grant.renewal, catchUp);
    // A socket that was disconnected during the verification is not registered, because nobody would remove it.
    if (!this.#socket.connected) return subscription;
    this.#subscriptions.set(grant.channelId, subscription);
    clearTimeout(this.#channelTimeout);
    listeners.add(subscription);
    metrics.subscriptions.inc();
    return subscription;
  }

  #unsubscribe(subscription: ChannelSubscription): void {
    if (!this.#subscriptions.delete(subscription.channelId)) return;
    subscription.close();
    this.#parts.listeners.remove(subscription);
    this.#writer.forget(subscription);
    this.#parts.metrics.subscriptions.dec();
    this.#expectChannel();
  }

  #close(): void {
    for (const subscription of [...this.#subscriptions.values()]) this.#unsubscribe(subscription);
    clearTimeout(this.#channelTimeout);
    this.#parts.clients.delete(this.#writer);
    this.#parts.metrics.sockets.dec();
    this.#parts.rates.forgetSocket(this.#socket.id);
  }
}

type Answer = (answer: OpenChannelAnswer | CloseChannelAnswer) => void;

/** Socket.IO puts the acknowledgement last, where the client asked for one. */
function readAnswer(last: unknown): Answer | null {
  return typeof last === 'function' ? (answer) => last(answer) : null;
}

/** A schema takes bytes for an object without fields. */
function withoutBytes(payload: unknown): unknown {
  return ArrayBuffer.isView(payload) ? null : payload;
}

function readRequest(payload: unknown): OpenChannelRequest {
  const parsed = openChannelRequestSchema.safeParse(withoutBytes(payload));
  if (parsed.success) return parsed.data;
  throw new Problem('invalid_request', 'The request is no valid channel:open: see docs/protocol.md.');
}

function readClosing(payload: unknown): CloseChannelRequest {
  const parsed = closeChannelRequestSchema.safeParse(withoutBytes(payload));
  if (parsed.success) return parsed.data;
  throw new Problem('invalid_request', 'The request is no valid channel:close: see docs/protocol.md.');
}

function toSocketError(problem: Problem): SocketError {
  return { error: { code: problem.code, message: problem.message, retriable: problem.retriable } };
}
