/**
 * Counts what reaches clients through a rolling deploy of both nodes, while notifications flow: of our hubs, and of Socket.IO with the Redis
 * adapter and with the Redis streams adapter and connection state recovery, all in one run.
 */
import { pause } from '@tidings/failures/retry.ts';
import { numberOption } from '../measure.ts';
import { makeEvent } from './notifications.ts';
import { Clients } from './processes/clients.ts';
import { type Nodes, type SentNotification, startBareNodes, startHubs } from './processes/nodes.ts';

const TICK_MS = 100;
/** Milliseconds of sending before the deploy, between the nodes, and after it. */
const BETWEEN_MS = 3_000;
/** Milliseconds in which the last clients come back and get what they missed. */
const SETTLE_MS = 10_000;

interface Options {
  readonly clients: number;
  readonly perSecond: number;
}

/** `--clients 2000`, `--per-second 100`: prints the delivered fraction of each. */
export async function run(words: string[]): Promise<void> {
  const options = {
    clients: numberOption(words, 'clients', 2_000),
    perSecond: numberOption(words, 'per-second', 100),
  };
  const hubs = await startHubs();
  try {
    const { redisUrl } = hubs.system.engines;
    const rows = [];
    for (const kind of ['pubsub', 'streams'] as const) {
      const bare = await startBareNodes(kind, redisUrl);
      rows.push(await deploy(bare, { ...options, recoversState: kind === 'streams' }));
      await bare.stop();
    }
    rows.push(await deploy(hubs, { ...options, recoversState: false }));
    console.log(
      `${options.clients} clients, ${options.perSecond} notifications a second, both nodes replaced one after the other`,
    );
    console.table(rows);
  } finally {
    await hubs.stop();
  }
}

async function deploy(nodes: Nodes, options: Options & { readonly recoversState: boolean }) {
  const { clients: count, perSecond, recoversState } = options;
  const clients = new Clients();
  const { channelIds } = await clients.open({
    ...{ urls: nodes.urls, count, atOnce: 200, keepsEvents: true, recoversState },
  });
  await clients.reset();
  const sender = new Sender(nodes, channelIds, perSecond);
  const sending = sender.start();
  const start = Date.now();
  for (const [number] of nodes.urls.entries()) {
    await pause(BETWEEN_MS);
    await nodes.replace(number);
  }
  await pause(BETWEEN_MS);
  sender.stop();
  await sending;
  await pause(SETTLE_MS);
  const { events, backAt, lost } = await clients.report();
  clients.stop();
  const received = new Map(events);
  const missing = sender.sent.filter(({ channelId, eventId }) => !received.get(channelId)?.includes(eventId));
  const doubled = events.reduce((sum, [, ids]) => sum + ids.length - new Set(ids).size, 0);
  return {
    system: nodes.name,
    seconds: ((Date.now() - start - SETTLE_MS) / 1000).toFixed(1),
    sent: sender.sent.length,
    delivered: (1 - missing.length / sender.sent.length).toFixed(5),
    missing: missing.length,
    doubled,
    reconnects: backAt.length,
    'reconnects/s at most': mostInOneSecond(backAt),
    ends: JSON.stringify(lost),
  };
}

/** Sends at an even pace, each to the next channel. */
class Sender {
  readonly sent: SentNotification[] = [];
  readonly #nodes: Nodes;
  readonly #channelIds: readonly string[];
  readonly #perTick: number;
  #isStopped = false;

  constructor(nodes: Nodes, channelIds: readonly string[], perSecond: number) {
    this.#nodes = nodes;
    this.#channelIds = channelIds;
    this.#perTick = (perSecond * TICK_MS) / 1000;
  }

  async start(): Promise<void> {
    const start = Date.now();
    while (!this.#isStopped) {
      const due = Math.floor(((Date.now() - start) / TICK_MS) * this.#perTick) - this.sent.length;
      const next = Array.from({ length: due }, (_, index) => {
        const number = this.sent.length + index;
        const channelId = this.#channelIds[(number * 7) % this.#channelIds.length] ?? '';
        return { ...makeEvent(number), channelId };
      });
      this.sent.push(...next);
      if (next.length > 0) await this.#nodes.send(next, 'durable');
      await pause(TICK_MS);
    }
  }

  stop(): void {
    this.#isStopped = true;
  }
}

function mostInOneSecond(times: readonly number[]): number {
  const sorted = [...times].sort((one, other) => one - other);
  let most = 0;
  let first = 0;
  for (const [last, time] of sorted.entries()) {
    while (time - (sorted[first] ?? time) >= 1_000) first += 1;
    most = Math.max(most, last - first + 1);
  }
  return most;
}
