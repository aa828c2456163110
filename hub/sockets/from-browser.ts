/** Receives along the flow: what browsers ask of the hub. They may open channels, and nothing else. */

import { SUPPORT_CHANNEL } from '@tidings/contracts/notification.ts';
import { openChannelRequestSchema } from '@tidings/contracts/schemas/socket-events.ts';
import type {
  ClientToServerEvents,
  OpenChannelAnswer,
  OpenChannelRequest,
  ServerToClientEvents,
  SocketError,
} from '@tidings/contracts/socket-events.ts';
import { revoked, type TokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { Problem, toProblem } from '@tidings/service-kit/http/problem.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import type { Server } from 'socket.io';
import type { HubToHubEvents } from '../cluster/between-hubs.ts';
import type { Continuity } from '../cluster/continuity.ts';
import type { ChannelHistory } from '../history/channel-history.ts';
import type { HubLimits } from '../limits.ts';
import type { HubMetrics } from '../metrics.ts';
import {
  type Grant,
  type GrantParts,
  grantChannel,
  grantFor,
  grantNewChannel,
  knownPosition,
  type Renewal,
} from './admission.ts';
import { Subscription } from './channel-subscription.ts';
import { type BrowserSocket, type Listeners, SocketWriter } from './to-browser.ts';

export type BrowserServer = Server<ClientToServerEvents, ServerToClientEvents, HubToHubEvents>;

export interface BrowserParts extends GrantParts {
  readonly history: ChannelHistory;
  readonly listeners: Listeners;
  readonly continuity: Continuity;
  readonly limits: HubLimits;
  readonly metrics: HubMetrics;
  readonly logger: Logger;
  /** The client's address as far as the proxies before us can be trusted, by its `addressKey`. */
  readonly addressOf: (socket: BrowserSocket) => string;
}

/** How far beyond its limit a socket may go on sending before its connection is closed. */
const FLOOD_FACTOR = 10;

export function acceptBrowsers(server: BrowserServer, parts: BrowserParts): void {
  server.on('connection', (socket) => {
    new BrowserSession(socket, parts).listen();
  });
}

/** One socket: the channels it has open, and its requests, answered one after another. */
class BrowserSession {
  readonly #socket: BrowserSocket;
  readonly #parts: BrowserParts;
  readonly #writer: SocketWriter;
  readonly #subscriptions = new Map<string, Subscription>();
  #requests: Promise<void> = Promise.resolve();
  #messages = 0;
  #waitingRequests = 0;
  /** Runs while it has no channel. */
  #patience: NodeJS.Timeout | undefined;

  constructor(socket: BrowserSocket, parts: BrowserParts) {
    this.#socket = socket;
    this.#parts = parts;
    this.#writer = new SocketWriter(socket, parts.limits, parts.metrics, parts.logger);
  }

  listen(): void {
    this.#parts.metrics.sockets.inc();
    // Every message passes here, known or not, whatever it holds; no typed handler stands behind it.
    this.#socket.use((message) => this.#receive(message));
    this.#socket.on('disconnect', () => this.#close());
    this.#expectChannel();
  }

  /** Ends the connection if no channel is opened on it in time. */
  #expectChannel(): void {
    clearTimeout(this.#patience);
    if (this.#subscriptions.size > 0 || !this.#socket.connected) return;
    this.#patience = setTimeout(() => {
      this.#parts.metrics.idleSockets.inc();
      this.#writer.sever();
    }, this.#parts.limits.withoutChannelMs);
  }

  #receive(message: readonly unknown[]): void {
    const { limits, metrics } = this.#parts;
    this.#messages += 1;
    const [name, ...rest] = message;
    const answer = readAnswer(rest.at(-1));
    if (answer === null || this.#waitingRequests >= limits.messagesPerSocketMinute) {
      metrics.ignored.inc();
      if (this.#messages > limits.messagesPerSocketMinute * FLOOD_FACTOR) this.#writer.cut();
      return;
    }
    this.#waitingRequests += 1;
    this.#requests = this.#requests.then(async () => {
      await this.#answerRequest(name, rest.length > 1 ? rest[0] : undefined, answer);
      this.#waitingRequests -= 1;
    });
  }

  async #answerRequest(name: unknown, payload: unknown, answer: Answer): Promise<void> {
    const { metrics, logger, rates } = this.#parts;
    try {
      await rates.countMessage(this.#socket.id);
      if (name !== 'channel:open') {
        metrics.ignored.inc();
        throw new Problem('invalid_request', 'The hub knows one request: channel:open.');
      }
      await this.#open(readRequest(payload), answer);
    } catch (error) {
      const problem = toProblem(error);
      // It may wait for us: a client that comes back would find us no better.
      if (problem.code === 'unavailable') this.#expectChannel();
      if (problem.code === 'internal') logger.error({ err: error }, 'a channel could not be opened');
      metrics.opens.inc({ outcome: problem.code });
      answer(toSocketError(problem));
    }
  }

  async #open(request: OpenChannelRequest, answer: Answer): Promise<void> {
    const { history, metrics } = this.#parts;
    const known = knownPosition(request);
    // One snapshot at a time: who does not read the one gets no other.
    if (this.#writer.isOverfull()) await new Promise<void>((resolve) => this.#writer.whenDrained(resolve));
    const grant = await this.#grant(request);
    const subscription = this.#subscribe(grant);
    try {
      const opened = await history.open(grant.channelId, known);
      const { epoch, seq, recovered } = opened;
      metrics.opens.inc({ outcome: known === null ? 'new' : recovered ? 'recovered' : 'snapshot' });
      const snapshot = {
        progress: [...opened.progress],
        durable: recovered ? [] : [...opened.durable],
      };
      const { channelId, token } = grant;
      subscription.complete(() => answer({ channelId, token, epoch, seq, recovered, snapshot }), opened);
    } catch (error) {
      this.#unsubscribe(subscription);
      throw error;
    }
  }

  #grant(request: OpenChannelRequest): Promise<Grant> {
    const address = this.#parts.addressOf(this.#socket);
    return request.channelId === undefined
      ? grantNewChannel(this.#parts, request.userToken, address)
      : grantChannel(this.#parts, request, address);
  }

  /** Before the history is asked: nothing that is appended from here on passes this socket by. */
  #subscribe(grant: Grant): Subscription {
    const { limits, listeners, metrics, continuity, tokens } = this.#parts;
    // It may have been taken back while it was looked at; nobody would end this channel then.
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
    const { socketsPerChannel } = limits;
    if (grant.channelId !== SUPPORT_CHANNEL && listeners.count(grant.channelId) >= socketsPerChannel) {
      throw new Problem(
        'channel_full',
        `${socketsPerChannel} connections listen to this channel: close one.`,
      );
    }
    const subscription = new Subscription(
      grant.channelId,
      this.#writer,
      grant.renewal,
      (behind) => void continuity.heal(behind),
    );
    // A socket that went away while its token was looked at gets no place that nobody would clear.
    if (!this.#socket.connected) return subscription;
    this.#subscriptions.set(grant.channelId, subscription);
    clearTimeout(this.#patience);
    listeners.add(subscription);
    metrics.subscriptions.inc();
    return subscription;
  }

  #unsubscribe(subscription: Subscription): void {
    if (!this.#subscriptions.delete(subscription.channelId)) return;
    subscription.close();
    this.#parts.listeners.remove(subscription);
    this.#writer.forget(subscription);
    this.#parts.metrics.subscriptions.dec();
    this.#expectChannel();
  }

  #close(): void {
    for (const subscription of [...this.#subscriptions.values()]) this.#unsubscribe(subscription);
    clearTimeout(this.#patience);
    this.#parts.metrics.sockets.dec();
    this.#parts.rates.forgetSocket(this.#socket.id);
  }
}

/**
 * Sends new tokens for channels whose tokens are past half of their life, and ends the connections of those whose tokens are
 * over and may not be renewed. Resolves with how many were renewed.
 */
export async function renewTokens(
  listeners: Listeners,
  tokens: TokenAuthority,
  now: () => number,
): Promise<number> {
  let renewed = 0;
  for (const subscription of listeners.all()) {
    const { renewal, channelId } = subscription;
    if (renewal === null) continue;
    // Its client comes back, and is told why it may not.
    if (renewal.expiresAt <= now()) subscription.writer.sever();
    if (renewal.expiresAt <= now() || renewal.dueAt > now()) continue;
    const grant = await grantFor(tokens, channelId, renewal, now());
    subscription.renewal = grant.renewal satisfies Renewal | null;
    subscription.writer.writeToken({ channelId, token: grant.token });
    renewed += 1;
  }
  return renewed;
}

/** Ends the connections of an owner whose tokens were taken back: their clients come back, and are told so. */
export function endRevoked(owner: string, listeners: Listeners, tokens: TokenAuthority): void {
  for (const { renewal, writer } of listeners.all())
    if (renewal?.owner === owner && tokens.isRevoked(renewal)) writer.sever();
}

type Answer = (answer: OpenChannelAnswer) => void;

/** The acknowledgement that Socket.IO puts last, where the client asked for one. */
function readAnswer(last: unknown): Answer | null {
  return typeof last === 'function' ? (answer) => last(answer) : null;
}

function readRequest(payload: unknown): OpenChannelRequest {
  const parsed = openChannelRequestSchema.safeParse(payload);
  if (parsed.success) return parsed.data;
  throw new Problem('invalid_request', 'The request is no channel:open as documented.');
}

function toSocketError(problem: Problem): SocketError {
  return { error: { code: problem.code, message: problem.message, retriable: problem.retriable } };
}
