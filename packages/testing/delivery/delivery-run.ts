/** Clients that count what they get and a publisher that counts what it sent, while hubs and Redis break: nothing may be lost, doubled or out of order. */
import { setTimeout as pause } from 'node:timers/promises';
import type { CreatedChannel } from '@tidings/contracts/channels/channels.ts';
import { openKafkaLog } from '@tidings/event-log/kafka/kafka-log.ts';
import { randomNumbers } from '../random.ts';
import type { Distributed } from '../stack/distributed.ts';
import { type ClientOptions, type CountedClient, followChannel } from './counted-client.ts';
import { faults } from './faults.ts';
import { Publisher } from './publisher.ts';

/**
 * Settings of the hubs with which clients of all kinds may connect. Each client counts by an address of its own, which it names as a
 * proxy in front of nginx would.
 */
export const deliveryEnvironment = { SOCKET_TRANSPORTS: 'websocket,polling', TRUST_PROXY: '2' } as const;

/** Milliseconds in which everything must have arrived after the last fault. */
const SETTLING_MS = 90_000;
/** Clients that are opened at once. */
const AT_ONCE = 25;

export interface DeliveryOptions {
  readonly clients: number;
  readonly seed: number;
  /** Faults in all; each kind comes once before one comes again. */
  readonly steps: number;
  /** Kinds of faults; default all. */
  readonly kinds?: readonly string[];
  readonly onProgress: (line: string) => void;
}

export interface DeliveryReport {
  readonly clients: number;
  readonly sent: number;
  /** Over all clients: what they know at the end. */
  readonly known: number;
  readonly lost: number;
  readonly doubled: number;
  readonly outOfOrder: number;
  /** Notifications that a client does not know at the end: they were in no snapshot, or never came. */
  readonly missing: number;
  /** The first faults of each client, in words. */
  readonly notes: readonly string[];
  /** Clients that did not know all in time after a fault, in words: a later fault may have brought it to them. */
  readonly late: readonly string[];
  /** Snapshots that replaced what a client knew. */
  readonly replaced: number;
  readonly faults: readonly string[];
  readonly seconds: number;
}

/** @param system with two hubs, on `deliveryEnvironment` */
export async function runDelivery(system: Distributed, options: DeliveryOptions): Promise<DeliveryReport> {
  const { seed, onProgress } = options;
  const random = randomNumbers(seed);
  const start = performance.now();
  const brokers = system.engines.kafkaBrokers.split(',');
  const log = await openKafkaLog({ brokers, clientId: 'delivery', replication: 1 });
  const clients: CountedClient[] = [];
  let publisher: Publisher | null = null;
  try {
    clients.push(...(await openClients(system.url, options.clients)));
    const channels = [...new Set(clients.map(({ channelId }) => channelId))];
    publisher = new Publisher(log, channels, random);
    publisher.start();
    const broken: string[] = [];
    const late: string[] = [];
    for (const kind of order(options.kinds ?? Object.keys(faults), options.steps, random)) {
      onProgress(`${publisher.total} sent; ${kind}`);
      broken.push(kind);
      await faults[kind]?.({ system, publisher, random });
      // Half of the faults meet clients that have not caught up since the one before.
      if (random() < 0.5) late.push(...(await untilKnown(clients, publisher, kind)));
    }
    await publisher.stop();
    late.push(...(await untilKnown(clients, publisher, 'the end')));
    const seconds = Math.round((performance.now() - start) / 1000);
    return { ...countUp(clients, publisher), late, faults: broken, seconds };
  } finally {
    for (const client of clients) client.close();
    // After a failure it still publishes; without the log it would end the process, and nobody would see the failure.
    await publisher?.stop();
    await log.close();
  }
}

/** Every kind in a random order, then all of them again. */
function order(kinds: readonly string[], steps: number, random: () => number): string[] {
  const all: string[] = [];
  while (all.length < steps) {
    const left = [...kinds];
    while (left.length > 0) all.push(...left.splice(Math.floor(random() * left.length), 1));
  }
  return all.slice(0, steps);
}

/** Seven of ten by WebSocket, two by event streams, one by polling. Every fourth client listens to the channel of the one before. */
async function openClients(url: string, count: number): Promise<CountedClient[]> {
  const clients: CountedClient[] = [];
  let channel: CreatedChannel | null = null;
  for (let number = 0; number < count; number += 1) {
    const address = `10.1.${number >> 8}.${number & 0xff}`;
    if (channel === null || number % 4 !== 3) channel = await createChannelFrom(url, address);
    const transport: ClientOptions['transport'] =
      number % 10 < 7 ? 'websocket' : number % 10 < 9 ? 'stream' : 'polling';
    clients.push(followChannel(url, channel, { transport, address, pauses: [100, 1_000] }));
    if (number % AT_ONCE === AT_ONCE - 1) await untilOpen(clients);
  }
  await untilOpen(clients);
  return clients;
}

async function createChannelFrom(url: string, address: string): Promise<CreatedChannel> {
  const answer = await fetch(`${url}/channels`, { method: 'POST', headers: { 'X-Forwarded-For': address } });
  if (answer.status !== 201) throw new Error(`no channel: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as CreatedChannel;
}

async function untilOpen(clients: readonly CountedClient[]): Promise<void> {
  await waitUntil(() => clients.every((client) => client.isOpen()));
}

/** Resolves with those that do not know in time what was sent until now. */
async function untilKnown(
  clients: readonly CountedClient[],
  publisher: Publisher,
  after: string,
): Promise<string[]> {
  const wanted = new Map(clients.map((client) => [client, publisher.sentTo(client.channelId)]));
  const behind = () => clients.filter((client) => newestOf(client) < (wanted.get(client) ?? 0));
  await waitUntil(() => behind().length === 0);
  return behind().map((client) => {
    const { transport, channelId } = client;
    const state = client.isOpen() ? 'open' : 'not open';
    return `${transport} ${channelId}, ${state}: ${newestOf(client)} of ${wanted.get(client)} after: ${after}`;
  });
}

function newestOf({ knowledge }: CountedClient): number {
  return knowledge.numbers.at(-1) ?? 0;
}

/** Gives up after a time; the callers report the condition that did not hold. */
async function waitUntil(holds: () => boolean): Promise<void> {
  const end = performance.now() + SETTLING_MS;
  while (!holds() && performance.now() < end) await pause(50);
}

function countUp(clients: readonly CountedClient[], publisher: Publisher) {
  const sum = (count: (client: CountedClient) => number) =>
    clients.reduce((total, client) => total + count(client), 0);
  return {
    clients: clients.length,
    sent: publisher.total,
    known: sum(({ knowledge }) => knowledge.numbers.length),
    lost: sum(({ knowledge }) => knowledge.lost),
    doubled: sum(({ knowledge }) => knowledge.doubled),
    outOfOrder: sum(({ knowledge }) => knowledge.outOfOrder),
    missing: sum(({ channelId, knowledge }) => publisher.sentTo(channelId) - new Set(knowledge.numbers).size),
    notes: clients.flatMap(({ channelId, transport, knowledge }) =>
      knowledge.notes.map((note) => `${transport} ${channelId}: ${note}`),
    ),
    replaced: sum(({ knowledge }) => knowledge.replaced),
  };
}
