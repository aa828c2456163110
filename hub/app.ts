/** Builds the hub from the parts that it is given: channels, their history, and the sockets that listen. */
import { createServer, type Server as HttpServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { consumerGroups, topics } from '@tidings/contracts/topics.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { signedBy } from '@tidings/event-log/producer-name.ts';
import type { ScheduleLoad } from '@tidings/event-log/schedule/schedule-load.ts';
import { inTurn } from '@tidings/failures/in-turn.ts';
import { noOwnerChannels, type OwnerChannels } from '@tidings/service-kit/access/owner-channels.ts';
import { RequestRates } from '@tidings/service-kit/access/rates.ts';
import type { TokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import type { Site } from '@tidings/service-kit/http/site.ts';
import { takeUpgrades } from '@tidings/service-kit/http/upgrades.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import type { Registry } from '@tidings/service-kit/process/metrics.ts';
import type { Router } from 'express';
import { HubLink } from './cluster/between-hubs.ts';
import { Comparison } from './cluster/comparison.ts';
import { Continuity } from './cluster/continuity.ts';
import { Degradation } from './cluster/degradation.ts';
import type { ChannelHistory } from './history/channel-history.ts';
import { MemoryHistory } from './history/memory-history.ts';
import { RedisHistory } from './history/redis-history.ts';
import { RedisPositions } from './history/redis-positions.ts';
import { createHubRouter } from './http/routes.ts';
import { defaultHubLimits, type HubLimits } from './limits.ts';
import { type LogFollower, OwnReaders } from './log/from-log.ts';
import { GroupReader } from './log/from-log-group.ts';
import { Lateness, NotificationsLateError } from './log/lateness.ts';
import { LossCheck } from './log/redis-losses.ts';
import { createHubMetrics, type HubMetrics } from './metrics.ts';
import { MemoryOnce } from './once/memory-once.ts';
import { RedisOnce } from './once/redis-once.ts';
import type { RedisConnections } from './redis/connections.ts';
import { RateLimits } from './sockets/admission.ts';
import type { ChannelSubscription } from './sockets/channel-subscription.ts';
import { Clients } from './sockets/clients.ts';
import type { Connection } from './sockets/connections.ts';
import { acceptBrowsers } from './sockets/from-browser.ts';
import { admitHandshake, clientAddress, type HandshakeParts, SOCKET_PATH } from './sockets/handshake.ts';
import { ChannelListeners } from './sockets/listeners.ts';
import { boundPackets } from './sockets/packets.ts';
import { Polling } from './sockets/polling.ts';
import { closeConnections, createSocketServer } from './sockets/socket-server.ts';
import type { BrowserServer, SocketTransport } from './sockets/socket-types.ts';
import { TokenRenewal } from './sockets/token-renewal.ts';

export interface HubOptions {
  /** A log that has the topics `notifications` and `progress`. */
  readonly log: EventLog;
  readonly tokens: TokenAuthority;
  readonly logger: Logger;
  readonly registry: Registry;
  /** The host names under which the hub answers, and the origins, besides its own, whose pages may connect. */
  readonly site: Pick<Site, 'hosts' | 'origins'>;
  /** Makes this hub one of several, which share the history in Redis and the reading of the log. The caller closes it. */
  readonly redis?: RedisConnections;
  /** Default: a history in Redis where `redis` is given, else one in memory, filled from the log at start. */
  readonly history?: ChannelHistory;
  readonly limits?: Partial<HubLimits>;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Number of proxies in front of the hub whose `X-Forwarded-For` is believed; default 0. */
  readonly trustedProxies?: number;
  /** Counts requests and failed authentications; default a counter of the hub's own. */
  readonly rates?: RequestRates;
  /** How clients connect by Socket.IO; default by WebSocket alone. */
  readonly transports?: readonly SocketTransport[];
  /** Default: no channel is listed. */
  readonly ownerChannels?: OwnerChannels;
  /** What waits on the schedule, so that not too much of it does; default: nothing. */
  readonly scheduleLoad?: Pick<ScheduleLoad, 'schedules' | 'bytes'>;
}

export interface Hub {
  /** The routes of channels, and of polling. The app around the router answers its problems. */
  readonly router: Router;
  /** Accepts the server's WebSocket upgrades at `/socket.io/`. Call it once, before requests come; the caller closes the server. */
  attach(httpServer: HttpServer): void;
  /**
   * Fills a history in memory, then follows the log. Until `start` resolves, connections are refused. Redis may be down. Resolves also where
   * the hub is drained or stopped meanwhile, and accepts nobody then.
   * Rejects with the log's errors.
   */
  start(): Promise<void>;
  /** Whether channels can be opened. While Redis is down, clients are accepted and notified, and `channel:open` is refused as `unavailable`. */
  isReady(): boolean;
  /** Resolves if notifications reach listeners in time. @throws NotificationsLateError if they come late */
  checkNotifications(): Promise<void>;
  /**
   * Accepts no more clients. Asks the connected clients, slice after slice, to come back at a random moment, and ends their connections.
   * @param milliseconds in which all are asked, at most; default 5,000
   */
  drain(milliseconds?: number): Promise<void>;
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
  readonly #listeners = new ChannelListeners();
  readonly #clients = new Clients();
  /** The WebSockets of all clients: the connection of a closed Socket.IO socket may still be open. */
  readonly #connections = new Set<Duplex>();
  readonly #server: BrowserServer;
  readonly #handshakes: HandshakeParts;
  readonly #polling: Polling;
  readonly #log: LogFollower;
  readonly #continuity: Continuity;
  readonly #comparison: Comparison;
  readonly #degradation: Degradation;
  readonly #lateness: Lateness;
  readonly #losses: LossCheck | null = null;
  readonly #renewal: TokenRenewal;
  #phase: 'starting' | 'ready' | 'draining' = 'starting';
  #stopped: Promise<void> | undefined;

  constructor(given: HubOptions) {
    const options = { ...given, log: signedBy('hub', given.log) };
    const { log, redis, tokens, logger, now = Date.now } = options;
    this.#options = options;
    this.#limits = { ...defaultHubLimits, ...options.limits };
    this.#metrics = createHubMetrics(options.registry);
    const sockets = new RateLimits(this.#limits);
    const { transports = ['websocket'], site, trustedProxies = 0 } = options;
    this.#server = createSocketServer(transports, this.#limits);
    this.#handshakes = {
      ...{ site, trustedProxies, rates: sockets, metrics: this.#metrics },
      isAccepting: () => this.#phase === 'ready',
    };
    this.#polling = new Polling(() => this.#server.engine, transports.includes('polling'), this.#handshakes);
    const positions = redis && new RedisPositions(redis);
    const history = options.history ?? createHistory(this.#metrics, now, redis, positions);
    const common = { history, metrics: this.#metrics, logger, now, listeners: this.#listeners };
    this.#continuity = new Continuity(common);
    this.#comparison = new Comparison({ ...common, limits: this.#limits, continuity: this.#continuity });
    this.#lateness = new Lateness({
      limits: this.#limits,
      now,
      probeLog: () => log.endOffsets(topics.notifications),
      onChange: (isLate) => this.#reportLateness(isLate),
    });
    const reading = { ...common, log, lateness: this.#lateness };
    if (redis === undefined || positions === undefined) {
      this.#log = new OwnReaders(reading);
    } else {
      this.#losses = new LossCheck({
        ...reading,
        limits: this.#limits,
        group: consumerGroups.hub,
        redis,
        positions,
      });
      const link = new HubLink(redis);
      link.attach(this.#server, this.#listeners);
      this.#log = new GroupReader({ ...reading, link, redis, positions });
    }
    this.#degradation = new Degradation({
      ...common,
      redis,
      continuity: this.#continuity,
      clients: this.#clients,
    });
    const { rates: requestRates = new RequestRates(), ownerChannels = noOwnerChannels } = options;
    const { scheduleLoad = { schedules: 0, bytes: 0 } } = options;
    const granting = { tokens, rates: sockets, requestRates, ownerChannels, now };
    const opening = {
      ...common,
      ...granting,
      limits: this.#limits,
      clients: this.#clients,
      catchUp: (subscription: ChannelSubscription) => void this.#continuity.catchUp(subscription),
    };
    acceptBrowsers(this.#server, {
      ...opening,
      addressOf: (socket) => clientAddress(socket.request, trustedProxies),
    });
    this.#renewal = new TokenRenewal({ ...common, tokens, intervalMs: this.#limits.renewalIntervalMs });
    const once = redis === undefined ? new MemoryOnce({ now }) : new RedisOnce({ connections: redis, now });
    const { answer: answerPolls } = this.#polling;
    this.router = createHubRouter({
      ...opening,
      log,
      once,
      scheduleLoad,
      answerPolls,
      whyNotReady: () => this.#whyNotReady(),
    });
  }

  attach(httpServer: HttpServer): void {
    // Socket.IO gets a server of its own, which sees accepted requests only: the engine ends a refused request without an answer.
    const accepted = createServer();
    this.#server.attach(accepted);
    takeUpgrades(httpServer, {
      path: SOCKET_PATH,
      admit: (request) =>
        admitHandshake(request, { ...this.#handshakes, isPolling: (id) => this.#polling.has(id) }),
      take: (request, socket, head) => {
        this.#connections.add(socket);
        socket.once('close', () => this.#connections.delete(socket));
        // The engine's first packet follows the answer in the same turn, and leaves with it in one write.
        socket.cork();
        setImmediate(() => socket.uncork());
        accepted.emit('upgrade', request, socket, head);
      },
    });
    this.#server.engine.on('connection', (connection: Connection) => {
      this.#polling.take(connection);
      boundPackets(connection, this.#limits, () => this.#metrics.floods.inc());
    });
  }

  async start(): Promise<void> {
    await this.#log.start();
    // Where the hub was stopped during the start, nobody else would end the reader of the log.
    if (this.#phase !== 'starting') return this.#log.stop();
    this.#renewal.start();
    this.#comparison.start();
    this.#phase = 'ready';
  }

  isReady(): boolean {
    return this.#whyNotReady() === null;
  }

  #whyNotReady(): string | null {
    const { redis } = this.#options;
    if (this.#phase !== 'ready') return 'The hub is starting or stopping.';
    if (redis?.isUp() ?? true) return null;
    return `${redis?.describeRepair() ?? 'The histories of channels cannot be reached'}. Try again shortly.`;
  }

  async checkNotifications(): Promise<void> {
    if (this.#lateness.isLate) throw new NotificationsLateError();
  }

  async drain(milliseconds?: number): Promise<void> {
    this.#phase = 'draining';
    this.#renewal.stop();
    await this.#clients.drain(this.#limits.drainRetryMs, milliseconds);
    await this.#polling.ended(this.#limits.closingMs);
    await closeConnections(this.#connections, this.#limits.closingMs);
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  #stop(): Promise<void> {
    return inTurn([
      () => this.drain(),
      () => this.#degradation.stop(),
      () => this.#lateness.stop(),
      () => this.#comparison.stop(),
      () => this.#continuity.stop(),
      () => this.#log.stop(),
      () => this.#losses?.stop(),
      () => this.#server.engine?.close(),
    ]);
  }

  #reportLateness(isLate: boolean): void {
    const { logger } = this.#options;
    if (isLate) {
      logger.warn('notifications are late');
      this.#degradation.degrade('notifications_late');
    } else {
      logger.info('notifications are no longer late');
      this.#degradation.recover('notifications_late');
    }
  }
}

function createHistory(
  { damaged }: HubMetrics,
  now: () => number,
  connections: RedisConnections | undefined,
  positions: RedisPositions | undefined,
): ChannelHistory {
  return connections && positions
    ? new RedisHistory({ connections, positions, now, onDamage: (channels) => damaged.inc(channels) })
    : new MemoryHistory({ now });
}
