/** Measures how soon clients have what they missed after a hub has died: all of its clients come back at once, to the other hub. */

import { cpuSeconds, numberOption, percentile, textOption } from '../measure.ts';
import { makeEvent } from './notifications.ts';
import { Clients } from './processes/clients.ts';
import { startHubs } from './processes/nodes.ts';

/** Milliseconds in which all must be back. */
const GOAL_MS = 5_000;

/** `--clients 2000`; `--profile FOLDER` keeps a CPU profile of the hub that survives. */
export async function run(words: string[]): Promise<void> {
  const count = numberOption(words, 'clients', 2_000);
  const hubs = await startHubs(textOption(words, 'profile'));
  const clients = new Clients();
  try {
    const [dying = '', surviving = ''] = hubs.urls;
    const urls = [dying, surviving, surviving];
    const { channelIds } = await clients.open({ urls, count, atOnce: 200, keepsEvents: true, startsAt: 0 });
    await clients.reset();
    const [, survivor = 0] = hubs.pids;
    const cpu = cpuSeconds(survivor);
    const killedAt = Date.now();
    await hubs.kill(0);
    // Each misses one notification while it is away.
    await hubs.send(
      channelIds.map((channelId, index) => ({ ...makeEvent(index), channelId })),
      'durable',
    );
    const { backAt, recovered } = await clients.back(count, 60_000);
    const { arrivals, arrivedAt } = await clients.arrivals(count);
    const after = backAt.map((at) => at - killedAt);
    const used = ((cpuSeconds(survivor) - cpu) * 1000) / count;
    console.log(
      `${after.length} of ${count} clients came back, ${recovered} recovered: p50 ${percentile(after, 0.5)} ms after the hub's death, ` +
        `the last ${Math.max(...after)} ms (to reach: ${GOAL_MS}); ${arrivals} missed notifications arrived, the last after ` +
        `${arrivedAt - killedAt} ms; ${used.toFixed(2)} ms CPU of the surviving hub each`,
    );
  } finally {
    clients.stop();
    await hubs.stop();
  }
}
