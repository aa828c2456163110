/** What the benches of the hub compare: two nodes of each kind, and a way to send notifications to their clients. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Event } from '@tidings/contracts/event.ts';
import { encodeEvent } from '@tidings/contracts/schemas/event.ts';
import { topics } from '@tidings/contracts/topics.ts';
import type { EventLog, NewRecord } from '@tidings/event-log/event-log.ts';
import { openKafkaLog } from '@tidings/event-log/kafka/kafka-log.ts';
import { findFreePorts } from '@tidings/testing/engines/ports.ts';
import { type Distributed, startDistributed } from '@tidings/testing/stack/distributed.ts';
import { cpuSeconds } from '../../measure.ts';

export type SentNotification = Event & { readonly channelId: string };
export type SentLane = 'durable' | 'progress';

export interface Nodes {
  readonly name: string;
  readonly urls: readonly string[];
  readonly pids: readonly number[];
  /** Resolves when the notifications are on their way. */
  send(notifications: readonly SentNotification[], lane: SentLane): Promise<void>;
  /** Stops the node as a deploy does, and starts it again on its port. Resolves when it is ready. */
  replace(number: number): Promise<void>;
  /** Ends the node at once. */
  kill(number: number): Promise<void>;
  stop(): Promise<void>;
}

/** Records of one append. */
const RECORDS = 500;
/** Appends under way at once, so that the publisher is not what is measured. */
const APPENDS = 4;

export interface HubSystem extends Nodes {
  readonly system: Distributed;
  readonly log: EventLog;
}

/**
 * Two hubs on real engines, and of the other services only what the proxy needs.
 * @param profiles folder to which each hub writes a CPU profile as it ends
 */
export async function startHubs(profiles?: string): Promise<HubSystem> {
  const profiler = fileURLToPath(new URL('./profile-to-folder.mjs', import.meta.url));
  const system = await startDistributed({
    instances: { hub: 2, 'jobs-service': 1, importer: 0, aggregator: 0, 'reference-data': 0 },
    ...(profiles !== undefined && {
      environment: { NODE_OPTIONS: `--import ${profiler}`, PROFILE_FOLDER: profiles },
    }),
    onProgress: console.log,
  });
  const log = await openKafkaLog({
    brokers: system.engines.kafkaBrokers.split(','),
    clientId: 'bench',
    replication: 1,
  });
  const hubs = system.processes.hub;
  return {
    ...{ name: 'hubs', system, log },
    urls: hubs.map(({ url }) => url),
    get pids() {
      return hubs.map(({ pid }) => pid);
    },
    async send(notifications, lane) {
      const topic = lane === 'durable' ? topics.notifications : topics.progress;
      const records = notifications.map(({ channelId, ...event }) => ({
        topic,
        key: channelId,
        value: encodeEvent(event),
      }));
      await appendAll(log, records);
    },
    replace: async (number) => hubs[number]?.restart(),
    kill: async (number) => hubs[number]?.kill(),
    async stop() {
      await log.close();
      await Promise.all(hubs.map((hub) => hub.stop()));
      await system.stop();
    },
  };
}

/** Appends as fast as the log takes it. */
export async function appendAll(log: EventLog, records: readonly NewRecord[]): Promise<void> {
  let next = 0;
  const work = async () => {
    while (next < records.length) {
      const first = next;
      next += RECORDS;
      await log.append(records.slice(first, first + RECORDS));
    }
  };
  await Promise.all(Array.from({ length: APPENDS }, work));
}

/** Two bare nodes of Socket.IO on the same Redis. */
export async function startBareNodes(kind: 'pubsub' | 'streams', redisUrl: string): Promise<Nodes> {
  const ports = await findFreePorts(2);
  const children = await Promise.all(ports.map((port) => startBareNode(kind, redisUrl, port)));
  const stopping = new Set<ChildProcess>();
  const stop = async (number: number, signal: NodeJS.Signals) => {
    const child = children[number];
    if (child !== undefined) stopping.add(child);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  };
  return {
    name: kind === 'pubsub' ? 'bare Redis adapter' : 'Redis streams adapter, connection state recovery',
    urls: ports.map((port) => `http://127.0.0.1:${port}`),
    get pids() {
      return children.flatMap(({ pid }) => pid ?? []);
    },
    async send(notifications) {
      // What is left to a node that stops might not be emitted.
      const alive = children.find((child) => child.connected && !stopping.has(child));
      alive?.send(notifications as SentNotification[]);
    },
    async replace(number) {
      await stop(number, 'SIGTERM');
      children[number] = await startBareNode(kind, redisUrl, ports[number] ?? 0);
    },
    kill: (number) => stop(number, 'SIGKILL'),
    stop: async () => void (await Promise.all(children.map((_, number) => stop(number, 'SIGKILL')))),
  };
}

async function startBareNode(kind: string, redisUrl: string, port: number): Promise<ChildProcess> {
  const program = fileURLToPath(new URL('./bare-node.ts', import.meta.url));
  // A session of its own, like a hub: Linux shares cores between sessions. It ends with the channel to this process.
  const child = fork(program, [kind, redisUrl, String(port)], {
    execArgv: ['--import', 'tsx'],
    detached: true,
  });
  const ended = once(child, 'exit').then(() => {
    throw new Error('the bare node ended before it was ready');
  });
  await Promise.race([once(child, 'message'), ended]);
  return child;
}

/** CPU seconds of all of them since their starts. */
export function cpuOf({ pids }: Pick<Nodes, 'pids'>): number {
  return pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0);
}
