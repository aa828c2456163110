/**
 * Measures how fast two hubs bring notifications to clients: durable ones and progress, one channel for each client, and one channel that
 * all clients follow. The baseline of each, in turns in the same run, is a bare emit on two nodes of Socket.IO with the Redis adapter.
 */
import { SUPPORT_CHANNEL } from '@tidings/contracts/notification.ts';
import { Clients } from './hub/clients.ts';
import { cpuOf, type Nodes, type SentLane, startBareNodes, startHubs } from './hub/nodes.ts';
import type { Opened } from './hub/raw-client.ts';
import { median, numberOption, textOption } from './measure.ts';
import { makeEvent } from './notifications.ts';

interface Speed {
  /** Arrivals a second. */
  readonly rate: number;
  /** Milliseconds of both nodes' CPU for each arrival. */
  readonly cpu: number;
}

const AT_ONCE = 100;

/** `--clients 1000`, `--messages 20000`, `--rounds 3`; `--profile FOLDER` keeps CPU profiles of the hubs. */
export async function run(words: string[]): Promise<void> {
  const clients = numberOption(words, 'clients', 1_000);
  const messages = numberOption(words, 'messages', 20_000);
  const rounds = numberOption(words, 'rounds', 3);
  const hubs = await startHubs(textOption(words, 'profile'));
  const bare = await startBareNodes('pubsub', hubs.system.engines.redisUrl);
  const support = { channelId: SUPPORT_CHANNEL, token: hubs.system.supportToken };
  try {
    await compare('durable, a channel each', 0.5, rounds, {
      hubs: await unicast(hubs, 'durable', clients, messages),
      bare: await unicast(bare, 'durable', clients, messages),
    });
    await compare('progress, a channel each', 0.8, rounds, {
      hubs: await unicast(hubs, 'progress', clients, messages),
      bare: await unicast(bare, 'progress', clients, messages),
    });
    // A channel takes 100 listeners; the one that takes any number is support's.
    const each = Math.max(1, Math.round(messages / 100));
    await compare(`durable, one channel for ${clients} clients`, 0.8, rounds, {
      hubs: await fanOut(hubs, support, clients, each),
      bare: await fanOut(bare, { channelId: 'one-for-all' }, clients, each),
    });
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
  const of = (kind: 'hubs' | 'bare', field: keyof Speed) => median(speeds[kind].map((speed) => speed[field]));
  const ratio = of('hubs', 'rate') / of('bare', 'rate');
  console.log(
    `${name}: hubs ${of('hubs', 'rate').toFixed(0)}/s, ${of('hubs', 'cpu').toFixed(3)} ms CPU of both each; bare ${of('bare', 'rate').toFixed(0)}/s, ` +
      `${of('bare', 'cpu').toFixed(3)} ms; ratio of the rates ${ratio.toFixed(2)} (to reach: ${goal}), of the CPU ${(of('hubs', 'cpu') / of('bare', 'cpu')).toFixed(2)}`,
  );
}

async function unicast(nodes: Nodes, lane: SentLane, clients: number, messages: number): Promise<Turns> {
  const process = new Clients();
  const { channelIds } = await process.open({ urls: nodes.urls, count: clients, atOnce: AT_ONCE });
  let sent = 0;
  const time = () => {
    const notifications = Array.from({ length: messages }, (_, index) => ({
      ...makeEvent(sent + index),
      channelId: channelIds[index % channelIds.length] ?? '',
    }));
    sent += messages;
    return timeArrivals(nodes, process, messages, () => nodes.send(notifications, lane));
  };
  return { time, end: () => process.stop() };
}

async function fanOut(nodes: Nodes, channel: Opened, clients: number, messages: number): Promise<Turns> {
  const process = new Clients();
  await process.open({ urls: nodes.urls, count: clients, atOnce: AT_ONCE, channel });
  const time = () => {
    const notifications = Array.from({ length: messages }, (_, index) => ({
      ...makeEvent(index),
      channelId: channel.channelId,
    }));
    return timeArrivals(nodes, process, messages * clients, () => nodes.send(notifications, 'durable'));
  };
  return { time, end: () => process.stop() };
}

async function timeArrivals(
  nodes: Nodes,
  clients: Clients,
  expected: number,
  send: () => Promise<void>,
): Promise<Speed> {
  await clients.reset();
  const cpu = cpuOf(nodes);
  const start = Date.now();
  const arriving = clients.arrivals(expected);
  await send();
  const { arrivals, arrivedAt } = await arriving;
  if (arrivals !== expected) {
    const lost = JSON.stringify((await clients.report()).lost);
    throw new Error(`${nodes.name}: ${arrivals} of ${expected} arrived; connections lost: ${lost}`);
  }
  return {
    rate: expected / ((arrivedAt - start) / 1000),
    cpu: ((cpuOf(nodes) - cpu) * 1000) / expected,
  };
}
