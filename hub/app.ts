/** The hub, built from parts handed to it: channels, their history, and the sockets that listen. */
import { createServer, type Server as HttpServer, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { MAX_SOCKET_MESSAGE_BYTES } from '@tidings/contracts/socket-events.ts';
import { topics } from '@tidings/contracts/topics.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { addressKey } from '@tidings/service-kit/access/client-address.ts';
import { hostProblem } from '@tidings/service-kit/access/hosts.ts';
import { isOriginAllowed } from '@tidings/service-kit/access/origins.ts';
import { RequestRates } from '@tidings/service-kit/access/rates.ts';
import type { TokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import type { Site } from '@tidings/service-kit/config/site-variables.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';
import { takeUpgrades } from '@tidings/service-kit/http/upgrades.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import type { Registry } from '@tidings/service-kit/process/metrics.ts';
import type { Router } from 'express';
import { Server } from 'socket.io';
import { HubLink } from './cluster/between-hubs.ts';
import { Continuity } from './cluster/continuity.ts';
import { Degradation } from './cluster/degradation.ts';
import type { ChannelHistory } from './history/channel-history.ts';
import { MemoryHistory } from './history/memory-history.ts';
import { RedisHistory } from './history/redis-history.ts';
import { RedisPositions } from './history/redis-positions.ts';
import { defaultHubLimits, type HubLimits } from './limits.ts';
import { type LogFollower, OwnReaders } from './log/from-log.ts';
import { GroupReader, HUB_GROUP } from './log/from-log-group.ts';
import { Lateness, NotificationsLateError } from './log/lateness.ts';
import { LossCheck } from './log/redis-losses.ts';
import { createHubMetrics, type HubMetrics } from './metrics.ts';
import type { RedisConnections } from './redis/connections.ts';
import { createHubRouter } from './routes.ts';
import { RateLimits } from './sockets/admission.ts';
import { acceptBrowsers, type BrowserServer, endRevoked, renewTokens } from './sockets/from-browser.ts';
import { type BrowserSocket, Listeners } from './sockets/to-browser.ts';

const SOCKET_PATH = '/socket.io/';

export interface HubOptions {
  /** Has the topics `notifications` and `progress` already. */
  readonly log: EventLog;
  readonly tokens: TokenAuthority;
  readonly logger: Logger;
  readonly registry: Registry;
  /** Names that it answers to, and origins whose pages may connect besides its own address. */
  readonly site: Pick<Site, 'hosts' | 'origins'>;
  /** Makes this hub one of several: they share the history there, and the work of reading the log. Stays the caller's. */
  readonly redis?: RedisConnections;
  /** Default: in Redis where it is given, else in memory, filled from the log at start. */
  readonly history?: ChannelHistory;
  readonly limits?: Partial<HubLimits>;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Proxies in front of us whose `X-Forwarded-For` may be believed; default 0, none. */
  readonly trustedProxies?: number;
  /** Where failed authentications are counted; default its own. */
  readonly rates?: RequestRates;
}

export interface Hub {
  /** `POST /channels`; the app around it answers its problems. */
  readonly router: Router;
  /** Takes WebSocket upgrades of the server at `/socket.io/`. Call once; the server stays the caller's. */
  attach(httpServer: HttpServer): void;
  /**
   * Follows the log, after filling a history in memory. Until it resolves, connections are refused. Redis may be away.
   * Rejects with the log's errors.
   */
  start(): Promise<void>;
  /** Whether channels can be opened. While Redis is away they cannot: clients are taken, told so, and refused as `unavailable`. */
  isReady(): boolean;
  /** Whether what is published reaches listeners in time. @throws NotificationsLateError, which says what does not */
  checkNotifications(): Promise<void>;
  /** Takes no more clients, asks the connected ones to come back at a random moment each, and ends their connections. */
  drain(): Promise<void>;
  /** Drains, then leaves the log. Safe to call twice. */
  stop(): Promise<void>;
}

export function createHub(options: HubOptions): Hub {
  return new SocketHub(options);
}

class SocketHub implements Hub {
  readonly router: Router;
  readonly #options: HubOptions;
  readonly #limits: HubLimits;
  readonly #metrics: HubMetrics;
  readonly #listeners = new Listeners();
  /** Of all clients, also of those that are closing and no sockets any more. */
  readonly #connections = new Set<Socket>();
  readonly #server: BrowserServer;
  readonly #log: LogFollower;
  readonly #continuity: Continuity;
  readonly #degradation: Degradation;
  readonly #lateness: Lateness;
  readonly #losses: LossCheck | null = null;
  readonly #now: () => number;
  readonly #rates: RateLimits;
  #phase: 'starting' | 'ready' | 'draining' = 'starting';
  #isRenewing = false;
  #renewals: NodeJS.Timeout | undefined;
  #stopRevoking: () => void = () => undefined;
  #stopped: Promise<void> | undefined;

  constructor(options: HubOptions) {
    this.#options = options;
    this.#limits = { ...defaultHubLimits, ...options.limits };
    this.#metrics = createHubMetrics(options.registry);
    this.#now = options.now ?? Date.now;
    const now = this.#now;
    const { log, redis, tokens, logger } = options;
    const positions = redis && new RedisPositions(redis);
    const history =
      options.history ??
      (redis && positions
        ? new RedisHistory({ connections: redis, positions, now })
        : new MemoryHistory({ now }));
    this.#rates = new RateLimits(this.#limits);
    const kept = { history, metrics: this.#metrics, logger, now };
    this.#continuity = new Continuity(kept);
    const shared = { ...kept, listeners: this.#listeners, continuity: this.#continuity };
    this.#server = this.#createServer();
    this.#lateness = new Lateness({
      limits: this.#limits,
      now,
      askLog: () => log.endOffsets(topics.notifications),
      onChange: (isLate) => this.#tellLateness(isLate),
    });
    const reading = { ...shared, log, lateness: this.#lateness };
    if (redis === undefined || positions === undefined) {
      this.#log = new OwnReaders(reading);
    } else {
      this.#losses = new LossCheck({ ...reading, group: HUB_GROUP, redis, positions });
      const link = new HubLink(redis);
      link.attach(this.#server, this.#listeners);
      this.#log = new GroupReader({ ...reading, link, redis, positions });
    }
    this.#degradation = new Degradation({ ...shared, redis, server: this.#server });
    const asking = { tokens, rates: this.#rates, requestRates: options.rates ?? new RequestRates() };
    const addressOf = (socket: BrowserSocket) => this.#addressOf(socket.request);
    acceptBrowsers(this.#server, { ...shared, ...asking, limits: this.#limits, addressOf });
    this.router = createHubRouter({ ...asking, history, now, isReady: () => this.isReady() });
  }

  attach(httpServer: HttpServer): void {
    // It sees only what was let in: what it refuses it cuts off.
    const engine = createServer();
    this.#server.attach(engine);
    takeUpgrades(httpServer, {
      path: SOCKET_PATH,
      admit: (request) => this.#admit(request),
      take: (request, socket, head) => engine.emit('upgrade', request, socket, head),
    });
    this.#server.engine.on('connection', ({ request }: { request: IncomingMessage }) => {
      const connection = request.socket;
      this.#connections.add(connection);
      connection.once('close', () => this.#connections.delete(connection));
    });
  }

  async start(): Promise<void> {
    const { tokens } = this.#options;
    await this.#log.start();
    this.#renewals = setInterval(() => void this.#renewTokens(), this.#limits.renewalIntervalMs);
    this.#renewals.unref();
    this.#stopRevoking = tokens.onRevoked((owner) => endRevoked(owner, this.#listeners, tokens));
    this.#phase = 'ready';
  }

  isReady(): boolean {
    return this.#phase === 'ready' && (this.#options.redis?.isUp() ?? true);
  }

  async checkNotifications(): Promise<void> {
    if (this.#lateness.isLate) throw new NotificationsLateError();
  }

  async drain(): Promise<void> {
    this.#phase = 'draining';
    clearInterval(this.#renewals);
    this.#stopRevoking();
    for (const socket of this.#server.sockets.sockets.values()) {
      socket.emit('server:draining', { retryAfterMs: this.#limits.drainRetryMs });
      // A polite `disconnect()` would tell clients not to come back.
      socket.conn.close();
    }
    await closeConnections(this.#connections, this.#limits.drainTimeoutMs);
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    await this.drain();
    this.#degradation.stop();
    this.#lateness.stop();
    this.#continuity.stop();
    await this.#log.stop();
    this.#losses?.stop();
    this.#server.engine?.close();
  }

  #tellLateness(isLate: boolean): void {
    this.#options.logger[isLate ? 'warn' : 'info']({ isLate }, 'notifications: late, or in time again');
    if (isLate) this.#degradation.degrade('notifications_late');
    else this.#degradation.recover('notifications_late');
  }

  /** One round at a time: another one beside it would renew the same tokens again. */
  async #renewTokens(): Promise<void> {
    if (this.#isRenewing) return;
    this.#isRenewing = true;
    try {
      await renewTokens(this.#listeners, this.#options.tokens, this.#now);
    } catch (error) {
      this.#options.logger.error({ err: error }, 'tokens could not be renewed');
    } finally {
      this.#isRenewing = false;
    }
  }

  #createServer(): BrowserServer {
    return new Server({
      transports: ['websocket'],
      serveClient: false,
      perMessageDeflate: false,
      httpCompression: false,
      maxHttpBufferSize: MAX_SOCKET_MESSAGE_BYTES,
      // A dead connection is noticed, on either side, within the sum of the two: milliseconds.
      pingInterval: 10_000,
      pingTimeout: 10_000,
      // Milliseconds that a connection may stay without joining; the protocol's own default is 45,000.
      connectTimeout: 10_000,
    });
  }

  /** @throws Problem for whoever is not let in */
  async #admit(request: IncomingMessage): Promise<void> {
    const { hosts, origins } = this.#options.site;
    const hostRefused = hostProblem(request, hosts);
    if (hostRefused !== null) throw hostRefused;
    if (!isOriginAllowed(request.headers, origins)) {
      this.#metrics.forbiddenOrigins.inc();
      throw new Problem('origin_forbidden', 'Pages of that origin may not connect: see ALLOWED_ORIGINS.');
    }
    if (this.#phase !== 'ready')
      throw new Problem('unavailable', 'The hub is starting or stopping.', { retryAfterSeconds: 1 });
    if (!isHandshake(request))
      throw new Problem('invalid_request', 'Connect with Socket.IO 4, by WebSocket alone.');
    try {
      const leave = await this.#rates.enter(this.#addressOf(request));
      request.socket.once('close', leave);
      if (request.socket.destroyed) leave();
    } catch (error) {
      this.#metrics.refusedConnections.inc();
      throw error;
    }
  }

  #addressOf(request: IncomingMessage): string {
    return addressKey(clientAddress(request, this.#options.trustedProxies ?? 0));
  }
}

/** Whether it is the first request of a client as the protocol has it; the engine would end any other, with no answer or half of one. */
function isHandshake({ method, url, headers }: IncomingMessage): boolean {
  const query = new URLSearchParams(url?.slice(SOCKET_PATH.length));
  const isSocketIo = query.get('EIO') === '4' && query.get('transport') === 'websocket' && !query.has('sid');
  const isWebSocket =
    headers.upgrade?.toLowerCase() === 'websocket' &&
    headers['sec-websocket-version'] === '13' &&
    /^[+/\da-z]{22}==$/i.test(headers['sec-websocket-key'] ?? '');
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0;
  return method === 'GET' && isSocketIo && isWebSocket && !hasBody;
}

/**
 * Waits until the connections are closed, and cuts those that are not after the time given: a peer that is asleep
 * answers no closing handshake, and `ws` would wait for it for half a minute.
 */
async function closeConnections(connections: ReadonlySet<Socket>, timeoutMs: number): Promise<void> {
  const timer = setTimeout(() => {
    for (const connection of connections) connection.destroy();
  }, timeoutMs);
  await Promise.all(
    Array.from(connections, (connection) => new Promise((resolve) => connection.once('close', resolve))),
  );
  clearTimeout(timer);
}

/** What the outermost trusted proxy says, or the connection itself. */
function clientAddress({ headers, socket }: IncomingMessage, trustedProxies: number): string | undefined {
  const forwarded = headers['x-forwarded-for'];
  const said = (Array.isArray(forwarded) ? forwarded.join() : (forwarded ?? '')).split(',');
  const { remoteAddress } = socket;
  return trustedProxies === 0 ? remoteAddress : said.at(-trustedProxies)?.trim() || remoteAddress;
}
