/**
 * Measures how long a notification takes on idle hubs, from `append` on Kafka to a client whose hub is not the one that reads the record. The
 * baseline, in turns in the same run, is a bare emit on one node of Socket.IO to a client of another one through the Redis adapter.
 */
import { type Channel, openChannel } from '@tidings/client/index.ts';
import { encodeEvent } from '@tidings/contracts/schemas/event.ts';
import { topics } from '@tidings/contracts/topics.ts';
import { numberOption, textOption } from '../measure.ts';
import { compareWithBareEmit, makeEvent, nextOn, timeOneByOne } from './notifications.ts';
import { timeBareEmit } from './notify-distributed.ts';
import { type HubSystem, startHubs } from './processes/nodes.ts';

/** `--messages 1000`, `--rounds 3`; `--profile FOLDER` keeps CPU profiles of the hubs. To reach: p50 5 ms, p99 20 ms. */
export async function run(words: string[]): Promise<void> {
  const hubs = await startHubs(textOption(words, 'profile'));
  try {
    const channel = await openOnOtherHub(hubs);
    const key = channel.credentials?.channelId ?? '';
    const send = (index: number) => void append(hubs, key, index);
    await compareWithBareEmit({
      rounds: numberOption(words, 'rounds', 3),
      messages: numberOption(words, 'messages', 1_000),
      bareName: 'bare Socket.IO emit → client on another node',
      publishedName: 'publish on Kafka → client on another hub',
      timeBareEmit: (count) => timeBareEmit(hubs.system.engines.redisUrl, count),
      timePublish: (count) => timeOneByOne(count, send, () => nextOn(channel)),
    });
    channel.close();
  } finally {
    await hubs.stop();
  }
}

function append({ log }: HubSystem, key: string, index: number): Promise<unknown> {
  return log.append([{ topic: topics.notifications, key, value: encodeEvent(makeEvent(index)) }]);
}

/** Opens a channel on the second hub whose partition the first hub reads. */
async function openOnOtherHub(hubs: HubSystem): Promise<Channel> {
  for (;;) {
    const channel = openChannel({ url: hubs.urls[1] });
    await channel.ready();
    const before = await receivedByFirst(hubs);
    const arrived = nextOn(channel);
    await append(hubs, channel.credentials?.channelId ?? '', 0);
    await arrived;
    if ((await receivedByFirst(hubs)) > before) return channel;
    channel.close();
  }
}

async function receivedByFirst({ system }: HubSystem): Promise<number> {
  const metrics = (await system.processes.hub[0]?.metrics()) ?? '';
  const [, count] = /received_total\{lane="durable",outcome="accepted"\} (\d+)/.exec(metrics) ?? [];
  return Number(count ?? 0);
}
