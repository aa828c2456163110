/**
 * Measures what a connection with an open channel costs a hub that has nothing to say to it: how fast channels are opened, and the memory of
 * each. The baseline, in the same run, is a node of Socket.IO with the Redis adapter that puts each client into a room of its own.
 */

import { cpuSeconds, median, numberOption, residentBytes, textOption } from '../measure.ts';
import { Clients } from './processes/clients.ts';
import { type Nodes, startBareNodes, startHubs } from './processes/nodes.ts';

interface Cost {
  /** Channels opened a second, handshake included. */
  readonly rate: number;
  /** Milliseconds of the node's CPU for each. */
  readonly cpu: number;
  /** Resident kilobytes for each. */
  readonly kilobytes: number;
}

/** Milliseconds in which a node puts its memory in order after the opening. */
const SETTLE_MS = 5_000;

/** `--clients 5000`, `--at-once 200`, `--rounds 1`; `--profile FOLDER` keeps CPU profiles of the hubs. */
export async function run(words: string[]): Promise<void> {
  const count = numberOption(words, 'clients', 5_000);
  const atOnce = numberOption(words, 'at-once', 200);
  const rounds = numberOption(words, 'rounds', 1);
  const hubs = await startHubs(textOption(words, 'profile'));
  const costs: { hub: Cost[]; bare: Cost[] } = { hub: [], bare: [] };
  try {
    for (let round = 0; round < rounds; round += 1) {
      const bare = await startBareNodes('pubsub', hubs.system.engines.redisUrl);
      costs.bare.push(await measure(bare, count, atOnce));
      await bare.stop();
      costs.hub.push(await measure(hubs, count, atOnce));
      await hubs.replace(0);
    }
  } finally {
    await hubs.stop();
  }
  const of = (kind: 'hub' | 'bare', field: keyof Cost) => median(costs[kind].map((cost) => cost[field]));
  for (const kind of ['hub', 'bare'] as const)
    console.log(
      `${kind}: ${of(kind, 'rate').toFixed(0)} channels opened/s, ${of(kind, 'cpu').toFixed(2)} ms CPU and ${of(kind, 'kilobytes').toFixed(1)} KB each`,
    );
  const ratio = (field: keyof Cost) => (of('hub', field) / of('bare', field)).toFixed(2);
  console.log(
    `of ${count} clients, ratio to the bare node: opened/s ${ratio('rate')}, CPU ${ratio('cpu')}, memory ${ratio('kilobytes')} (to reach: 1.5)`,
  );
}

/** All clients on the first node. */
async function measure(nodes: Nodes, count: number, atOnce: number): Promise<Cost> {
  const [url = ''] = nodes.urls;
  const [pid = 0] = nodes.pids;
  const clients = new Clients();
  // The first connections compile the code that all of them use.
  await clients.open({ urls: [url], count: 100, atOnce });
  const [memory, cpu] = [residentBytes(pid), cpuSeconds(pid)];
  const { seconds } = await clients.open({ urls: [url], count, atOnce });
  const used = cpuSeconds(pid) - cpu;
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const kilobytes = (residentBytes(pid) - memory) / 1000 / count;
  clients.stop();
  return { rate: count / seconds, cpu: (used * 1000) / count, kilobytes };
}
