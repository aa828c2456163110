/**
 * Measures how fast two hubs bring notifications to clients: durable ones and progress, one channel for each client, and one channel that
 * all clients follow. The baseline of each, in turns in the same run, is a bare emit on two nodes of Socket.IO with the Redis adapter. A bare
 * node has no log: what the log alone costs is printed last.
 */
import { SUPPORT_CHANNEL } from '@tidings/contracts/notifications/notification.ts';
import { encodeEvent } from '@tidings/contracts/schemas/event.ts';
import { topics } from '@tidings/contracts/topics.ts';
import { cpuSeconds, median, numberOption, textOption } from '../measure.ts';
import { makeEvent } from './notifications.ts';
import { Clients } from './processes/clients.ts';
import {
  appendAll,
  cpuOf,
  type HubSystem,
  type Nodes,
  type SentLane,
  startBareNodes,
  startHubs,
} from './processes/nodes.ts';
import type { Opened } from './processes/raw-client.ts';

interface Speed {
  /** Arrivals a second. */
  readonly rate: number;
  /** Microseconds of both nodes' CPU for each arrival. */
  readonly cpu: number;
  /** By process: microseconds of the CPU that each arrival costs elsewhere. */
  readonly elsewhere: Readonly<Record<string, number>>;
}

/** By name: the process ids of what shares the machine with the nodes, and works for them. */
type Helpers = Readonly<Record<string, number>>;

const AT_ONCE = 100;

/**
 * `--clients 1000`, `--messages 20000`, `--rounds 3`, `--only durable`, `progress` or `fan-out`; `--profile FOLDER` keeps CPU profiles of
 * the hubs.
 */
export async function run(words: string[]): Promise<void> {
  const clients = numberOption(words, 'clients', 1_000);
  const messages = numberOption(words, 'messages', 20_000);
  const rounds = numberOption(words, 'rounds', 3);
  const hubs = await startHubs(textOption(words, 'profile'));
  const bare = await startBareNodes('pubsub', hubs.system.engines.redisUrl);
  const { kafka, redis } = hubs.system.engines;
  const helpers: Helpers = { Kafka: kafka.pid, Redis: redis.pid, publisher: process.pid };
  const measured = { clients, messages, helpers };
  const only = textOption(words, 'only');
  const isWanted = (part: string) => only === undefined || only === part;
  const support = { channelId: SUPPORT_CHANNEL, token: hubs.system.supportToken };
  try {
    for (const [lane, goal] of [
      ['durable', 0.5],
      ['progress', 0.8],
    ] as const)
      if (isWanted(lane))
        await compare(`${lane}, a channel each`, goal, rounds, {
          hubs: await unicast(hubs, lane, measured),
          bare: await unicast(bare, lane, measured),
        });
    // A channel takes 100 listeners; the one that takes any number is support's.
    const each = Math.max(1, Math.round(messages / 100));
    if (isWanted('fan-out'))
      await compare(`durable, one channel for ${clients} clients`, 0.8, rounds, {
        hubs: await fanOut(hubs, support, { ...measured, messages: each }),
        bare: await fanOut(bare, { channelId: 'one-for-all' }, { ...measured, messages: each }),
      });
    await reportLogAlone(hubs, measured);
  } finally {
    await bare.stop();
    await hubs.stop();
  }
}

interface Turns {
  readonly time: () => Promise<Speed>;
  readonly end: () => void;
}

async function compare(
  name: string,
  goal: number,
  rounds: number,
  { hubs, bare }: Record<'hubs' | 'bare', Turns>,
): Promise<void> {
  const speeds: { hubs: Speed[]; bare: Speed[] } = { hubs: [], bare: [] };
  // The first round of each warms up.
  for (let round = 0; round <= rounds; round += 1) {
    const [one, other] = [await hubs.time(), await bare.time()];
    if (round === 0) continue;
    speeds.hubs.push(one);
    speeds.bare.push(other);
  }
  hubs.end();
  bare.end();
  const of = (kind: 'hubs' | 'bare', field: 'rate' | 'cpu') =>
    median(speeds[kind].map((speed) => speed[field]));
  const rates = speeds.hubs.map(({ rate }, index) => rate / (speeds.bare[index]?.rate ?? Number.NaN));
  const cpus = speeds.hubs.map(({ cpu }, index) => cpu / (speeds.bare[index]?.cpu ?? Number.NaN));
  console.log(
    `${name}: hubs ${of('hubs', 'rate').toFixed(0)}/s, bare ${of('bare', 'rate').toFixed(0)}/s: ${describeRatios(rates)} (to reach: ${goal})\n` +
      `  µs of CPU each: hubs ${of('hubs', 'cpu').toFixed(1)} (${describeElsewhere(speeds.hubs)}); ` +
      `bare ${of('bare', 'cpu').toFixed(1)} (${describeElsewhere(speeds.bare)}): ${describeRatios(cpus)}`,
  );
}

/**
 * The part that a bare node does not have: so many records appended, and read by a group that does nothing with them. Publisher and
 * group share one process.
 */
async function reportLogAlone(
  { log }: HubSystem,
  { messages, helpers: { Kafka: kafka = 0 } }: Measured,
): Promise<void> {
  const topic = 'bench.log-alone';
  const { partitions } = await log.describeTopic(topics.notifications);
  await log.ensureTopics([{ name: topic, partitions, cleanup: 'delete' }]);
  let read = 0;
  let onRead = () => {};
  const group = await log.consume({
    group: 'bench-log-alone',
    topics: [topic],
    concurrency: partitions,
    handler: async (records) => {
      read += records.length;
      onRead();
    },
  });
  const time = async () => {
    const records = Array.from({ length: messages }, (_, index) => ({
      topic,
      key: `channel-${index % 1_000}`,
      value: encodeEvent(makeEvent(index)),
    }));
    read = 0;
    const all = new Promise<void>((resolve) => {
      onRead = () => read >= messages && resolve();
    });
    const seconds = () => [process.pid, kafka].map(cpuSeconds);
    const before = seconds();
    const start = performance.now();
    await Promise.all([appendAll(log, records), all]);
    const rate = (messages * 1_000) / (performance.now() - start);
    const [own = 0, broker = 0] = seconds().map(
      (now, index) => ((now - (before[index] ?? 0)) * 1e6) / messages,
    );
    return { rate, own, broker };
  };
  // The first one joins the group.
  await time();
  const { rate, own, broker } = await time();
  await group.stop();
  console.log(
    `the log alone: ${rate.toFixed(0)}/s; µs of CPU each: publisher and group ${own.toFixed(1)}, Kafka ${broker.toFixed(1)}`,
  );
}

/** The median of the rounds' ratios, and the least and the greatest: a busy machine changes from round to round. */
function describeRatios(ratios: readonly number[]): string {
  const [least, greatest] = [Math.min(...ratios), Math.max(...ratios)].map((ratio) => ratio.toFixed(2));
  return `${median(ratios).toFixed(2)} of bare (${least}–${greatest})`;
}

function describeElsewhere(speeds: readonly Speed[]): string {
  const names = Object.keys(speeds[0]?.elsewhere ?? {});
  return names
    .map((name) => `${name} ${median(speeds.map(({ elsewhere }) => elsewhere[name] ?? 0)).toFixed(1)}`)
    .join(', ');
}

interface Measured {
  readonly clients: number;
  readonly messages: number;
  readonly helpers: Helpers;
}

async function unicast(
  nodes: Nodes,
  lane: SentLane,
  { clients, messages, helpers }: Measured,
): Promise<Turns> {
  const process = new Clients();
  const { channelIds } = await process.open({ urls: nodes.urls, count: clients, atOnce: AT_ONCE });
  let sent = 0;
  const time = () => {
    const notifications = Array.from({ length: messages }, (_, index) => ({
      ...makeEvent(sent + index),
      channelId: channelIds[index % channelIds.length] ?? '',
    }));
    sent += messages;
    return timeArrivals(nodes, helpers, process, messages, () => nodes.send(notifications, lane));
  };
  return { time, end: () => process.stop() };
}

async function fanOut(
  nodes: Nodes,
  channel: Opened,
  { clients, messages, helpers }: Measured,
): Promise<Turns> {
  const process = new Clients();
  await process.open({ urls: nodes.urls, count: clients, atOnce: AT_ONCE, channel });
  const time = () => {
    const notifications = Array.from({ length: messages }, (_, index) => ({
      ...makeEvent(index),
      channelId: channel.channelId,
    }));
    const send = () => nodes.send(notifications, 'durable');
    return timeArrivals(nodes, helpers, process, messages * clients, send);
  };
  return { time, end: () => process.stop() };
}

async function timeArrivals(
  nodes: Nodes,
  helpers: Helpers,
  clients: Clients,
  expected: number,
  send: () => Promise<void>,
): Promise<Speed> {
  await clients.reset();
  const seconds = () => [cpuOf(nodes), ...Object.values(helpers).map(cpuSeconds)];
  const before = seconds();
  const start = Date.now();
  const arriving = clients.arrivals(expected);
  await send();
  const { arrivals, arrivedAt } = await arriving;
  if (arrivals !== expected) {
    const lost = JSON.stringify((await clients.report()).lost);
    throw new Error(`${nodes.name}: ${arrivals} of ${expected} arrived; connections lost: ${lost}`);
  }
  const [cpu = 0, ...others] = seconds().map((now, index) => ((now - (before[index] ?? 0)) * 1e6) / expected);
  const elsewhere = Object.fromEntries(Object.keys(helpers).map((name, index) => [name, others[index] ?? 0]));
  return { rate: expected / ((arrivedAt - start) / 1000), cpu, elsewhere };
}
