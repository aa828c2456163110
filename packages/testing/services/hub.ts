/** For tests: a real hub on a real log, and clients that keep what they receive. Everything ends with the test. */
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import type { Cause } from '@tidings/contracts/event.ts';
import type { ClosingNotice } from '@tidings/contracts/notifications/closing.ts';
import type { Lane, Notification } from '@tidings/contracts/notifications/notification.ts';
import type {
  ClientToServerEvents,
  HubDegraded,
  OpenChannelAnswer,
  OpenChannelRequest,
  OpenedChannel,
  ServerToClientEvents,
} from '@tidings/contracts/notifications/socket-events.ts';
import { createEvent, encodeEvent } from '@tidings/contracts/schemas/event.ts';
import { topics } from '@tidings/contracts/topics.ts';
import type { EventLog, NewRecord } from '@tidings/event-log/event-log.ts';
import { createHub, type Hub, type HubOptions } from '@tidings/hub/app.ts';
import { createTokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { siteOf } from '@tidings/service-kit/config/site-variables.ts';
import { createHttpServer } from '@tidings/service-kit/http/http-server.ts';
import { answerProblems } from '@tidings/service-kit/http/problem.ts';
import type { Site } from '@tidings/service-kit/http/site.ts';
import { Registry } from '@tidings/service-kit/process/metrics.ts';
import express from 'express';
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import { onTestFinished } from 'vitest';
import { startTcpProxy, type TcpProxy } from '../connections/tcp-proxy.ts';
import { silentLogger } from '../logger.ts';

export const authSecret = 'the-secret-of-the-tests-0123456789';
export const supportToken = 'support-token-of-the-tests';
export const publishApiKey = 'api-key-of-the-tests-0123456789abcdef';

/** A site on this machine, with other origins whose pages may connect. */
export function siteWith(origins: readonly string[]): Site {
  return siteOf({ HOST: '127.0.0.1', ALLOWED_ORIGINS: origins, ALLOWED_HOSTS: [] });
}

export interface RunningHub {
  readonly hub: Hub;
  readonly url: string;
  readonly port: number;
  readonly tokens: HubOptions['tokens'];
  /** The sum of a metric over its labels, or over those given. */
  metric(name: string, labels?: Readonly<Record<string, string>>): Promise<number>;
  /** TCP connections that are open. */
  connections(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts a hub on the port given, or on a free one. */
export async function startHub(
  options: Partial<HubOptions> & { log: EventLog; port?: number },
): Promise<RunningHub> {
  const tokens = options.tokens ?? createTokenAuthority({ authSecret, supportToken, publishApiKey });
  const registry = new Registry();
  const hub = createHub({ tokens, logger: silentLogger, registry, site: siteWith([]), ...options });
  await hub.start().catch(async (error) => {
    await hub.stop();
    throw error;
  });
  const app = express().use(hub.router).use(answerProblems(silentLogger));
  const server = createHttpServer(app);
  hub.attach(server);
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const stop = async () => {
    await hub.stop();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(stop);
  const connections = promisify(server.getConnections.bind(server));
  const metric = async (name: string, labels: Readonly<Record<string, string>> = {}) => {
    const found = registry.getSingleMetric(name);
    if (found === undefined) throw new Error(`there is no metric ${name}`);
    const { values } = await found.get();
    const entries = Object.entries(labels);
    const fits = (one: Partial<Record<string, string | number>>) =>
      entries.every(([key, value]) => one[key] === value);
    return values.filter((value) => fits(value.labels)).reduce((sum, { value }) => sum + value, 0);
  };
  return { hub, url: `http://127.0.0.1:${port}`, port, tokens, metric, connections, stop };
}

export interface TestNotification {
  readonly channelId: string;
  readonly lane?: Lane;
  readonly type?: string;
  readonly subject?: string;
  readonly version?: number;
  readonly final?: boolean;
  readonly data?: unknown;
  readonly owner?: string;
  readonly eventId?: string;
  readonly cause?: Cause;
}

export function toRecord(notification: TestNotification): NewRecord {
  const {
    channelId,
    lane = 'durable',
    type = 'job.changed',
    subject = 'job',
    data = {},
    ...rest
  } = notification;
  return {
    topic: lane === 'durable' ? topics.notifications : topics.progress,
    key: channelId,
    value: encodeEvent(createEvent({ type, subject, data, ...rest })),
  };
}

export async function publish(log: EventLog, ...notifications: TestNotification[]): Promise<void> {
  await log.append(notifications.map(toRecord));
}

/** A plain client, which keeps everything that it receives and never reconnects. */
export class WireClient {
  readonly socket: Socket<ServerToClientEvents, ClientToServerEvents>;
  /** The same socket without types, for messages that the protocol does not know. */
  readonly raw: Socket;
  readonly notifications: Notification[] = [];
  readonly tokens: { channelId: string; token: string }[] = [];
  readonly drains: { retryAfterMs: number }[] = [];
  /** What the hub has notified of its own state: a notice, or null at its end. */
  readonly states: (HubDegraded | null)[] = [];
  /** What the hub has said before it ended the connection. */
  readonly closings: ClosingNotice[] = [];
  readonly disconnects: string[] = [];

  constructor(url: string, options: Partial<ManagerOptions & SocketOptions> = {}) {
    this.raw = io(url, { transports: ['websocket'], forceNew: true, reconnection: false, ...options });
    this.socket = this.raw;
    this.socket.on('notification', (notification) => this.notifications.push(notification));
    this.socket.on('channel:token', (renewed) => this.tokens.push(renewed));
    this.socket.on('server:draining', (notice) => this.drains.push(notice));
    this.socket.on('server:closing', (notice) => this.closings.push(notice));
    this.socket.on('hub:degraded', (notice) => this.states.push(notice));
    this.socket.on('hub:recovered', () => this.states.push(null));
    this.socket.on('disconnect', (reason) => this.disconnects.push(reason));
    onTestFinished(() => {
      this.socket.disconnect();
    });
  }

  /** Resolves with the hub's answer, also with a refusal. */
  ask(request: OpenChannelRequest): Promise<OpenChannelAnswer> {
    return this.socket.timeout(10_000).emitWithAck('channel:open', request);
  }

  async open(request: OpenChannelRequest = {}): Promise<OpenedChannel> {
    const answer = await this.ask(request);
    if ('error' in answer) throw new Error(`refused: ${answer.error.code}`);
    return answer;
  }

  async code(request: OpenChannelRequest): Promise<string | null> {
    const answer = await this.ask(request);
    return 'error' in answer ? answer.error.code : null;
  }

  /** The numbers of the durable notifications, in the order of their arrival. */
  seqs(): (number | undefined)[] {
    return this.notifications.filter(({ lane }) => lane === 'durable').map(({ seq }) => seq);
  }
}

/** A network in front of a server, which the test can break. */
export interface Network extends Pick<TcpProxy, 'port' | 'forget' | 'holdAnswers' | 'pass'> {
  readonly url: string;
  /** From now on, new connections lead to another server; those that are open stay where they are. */
  pointTo(port: number): void;
  /** Resets all connections; new ones pass. */
  cut(): void;
}

export async function startNetwork(firstPort: number): Promise<Network> {
  let target = firstPort;
  const proxy = await startTcpProxy(() => target);
  onTestFinished(() => proxy.close());
  const { port } = proxy;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    pointTo: (next) => {
      target = next;
    },
    forget: (clientPort) => proxy.forget(clientPort),
    holdAnswers: () => proxy.holdAnswers(),
    pass: () => proxy.pass(),
    cut: () => {
      proxy.cut();
      proxy.pass();
    },
  };
}
