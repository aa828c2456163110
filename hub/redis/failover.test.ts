/** Redis answers, and takes no writes: it has become a replica, is full, or its connections lead nowhere. */

import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openChannel } from '@tidings/client/index.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { openTestLog } from '@tidings/testing/log.ts';
import { type Network, publish, startHub, startNetwork } from '@tidings/testing/services/hub.ts';
import type { Redis } from 'ioredis';
import { describe, expect, onTestFinished, test } from 'vitest';
import { useRedis, whenUp } from '../test/redis-harness.ts';
import type { RedisConnections } from './connections.ts';

const one = useRedis();
const other = useRedis();

/** An address at which nothing answers. */
const NOWHERE = ['127.0.0.1', 1] as const;
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

async function startSharedHub(log: EventLog, network: Network, commandTimeoutMs = 10_000) {
  const connections = one.connect({ commandTimeoutMs }, network.port);
  const changes: boolean[] = [];
  connections.onChange((isUp) => changes.push(isUp));
  const hub = await startHub({ log, redis: connections });
  await whenUp(connections);
  // Changes before the first channel are no outage.
  changes.length = 0;
  return { ...hub, redis: connections, changes };
}

type SharedHub = Awaited<ReturnType<typeof startSharedHub>>;

/** What the client library knows of a channel. */
function follow(hub: SharedHub) {
  const channel = openChannel({ url: hub.url, random: () => 0 });
  onTestFinished(() => channel.close());
  const known = { data: [] as unknown[], snapshots: 0, degraded: [] as boolean[] };
  channel.onSnapshot(({ durable }) => {
    known.snapshots += 1;
    known.data = durable.map(({ data }) => data);
  });
  channel.onNotification(({ data }) => known.data.push(data), { lane: 'durable' });
  channel.onDegraded((notice) => known.degraded.push(notice !== null));
  return { channel, known };
}

/** Two hubs behind one network, a channel on each, and five notifications on each channel. */
async function startScene(commandTimeoutMs?: number) {
  const log = await openTestLog();
  const network = await startNetwork(one.server.port);
  const hubs = [
    await startSharedHub(log, network, commandTimeoutMs),
    await startSharedHub(log, network, commandTimeoutMs),
  ];
  const followed = hubs.map(follow);
  for (const { channel } of followed) await channel.ready();
  const tell = async (from: number, to: number) => {
    for (const data of range(from, to))
      await publish(
        log,
        ...followed.map(({ channel }) => ({ channelId: channel.credentials?.channelId ?? '', data })),
      );
  };
  await tell(0, 5);
  for (const { known } of followed) await eventually(() => expect(known.data).toEqual(range(0, 5)));
  const whenDegraded = async () => {
    for (const { known } of followed) await eventually(() => expect(known.degraded).toEqual([true]));
    for (const { hub } of hubs) expect(hub.isReady()).toBe(false);
  };
  /** Every notification has come exactly once, without a new snapshot, and so has the notice of the outage and its end. */
  const whenRecovered = async (count: number) => {
    for (const { channel, known } of followed) {
      await eventually(() => expect(known.data).toEqual(range(0, count)));
      await eventually(() => expect(known.degraded).toEqual([true, false]));
      expect(known.snapshots).toBe(1);
      expect(channel.position?.seq).toBe(count);
    }
    for (const { hub, changes } of hubs) {
      expect(hub.isReady()).toBe(true);
      expect(changes).toEqual([false, true]);
    }
  };
  return { network, hubs, followed, tell, whenDegraded, whenRecovered };
}

/** Resolves when both connections have reconnected this often. */
async function whenReconnected({ commands, subscriber }: RedisConnections, count: number): Promise<void> {
  const reconnected = [commands, subscriber].map(
    (connection) =>
      new Promise<void>((resolve) => {
        let seen = 0;
        connection.on('reconnecting', () => {
          seen += 1;
          if (seen === count) resolve();
        });
      }),
  );
  await Promise.all(reconnected);
}

async function whenSynchronized(replica: Redis): Promise<void> {
  await eventually(async () => expect(await replica.info('replication')).toContain('master_link_status:up'));
}

/** `other` copies `one`, and takes the same password once it is promoted. */
async function startReplica() {
  const [primary, replica] = [one.operator(), other.operator()];
  const [password = '', otherPassword = ''] = [one, other].map(({ url }) => new URL(url).password);
  await replica.config('SET', 'masterauth', password);
  await replica.replicaof('127.0.0.1', one.server.port);
  await whenSynchronized(replica);
  onTestFinished(async () => {
    await primary.replicaof('NO', 'ONE');
    await replica.replicaof('NO', 'ONE');
    await replica.config('SET', 'requirepass', otherPassword);
  });
  const promote = async () => {
    // Clients use the password of the old primary.
    await replica.config('SET', 'requirepass', password);
    await replica.replicaof('NO', 'ONE');
  };
  const demote = async () => {
    await primary.config('SET', 'masterauth', password);
    await primary.replicaof('127.0.0.1', other.server.port);
  };
  return { primary, replica, promote, demote };
}

test('a planned failover: the old primary goes on as a replica, with its connections, and the hubs move to the new one', async () => {
  const { primary, replica, promote, demote } = await startReplica();
  const { network, followed, tell, whenRecovered } = await startScene();
  await primary.wait(1, 10_000);
  await promote();
  network.pointTo(other.server.port);
  await demote();
  await tell(5, 30);
  await whenRecovered(30);
  for (const { channel } of followed)
    expect(await replica.exists(`tidings:{${channel.credentials?.channelId}}:meta`)).toBe(1);
});

test('a first replica is no outage, although Redis has another replication id from then on', async () => {
  // Redis has had no replica since its start.
  await one.restart();
  const { hubs, followed, tell } = await startScene();
  const probed = hubs.map(
    ({ redis }) =>
      () =>
        new Promise((resolve) => redis.subscriber.once('messageBuffer', resolve)),
  );
  const name = async () => /master_replid:(\w+)/.exec(await one.operator().info('replication'))?.[1];
  const before = await name();
  await startReplica();
  expect(await name()).not.toBe(before);
  for (const _ of [1, 2, 3]) await Promise.all(probed.map((next) => next()));
  await tell(5, 10);
  for (const { known } of followed) {
    await eventually(() => expect(known.data).toEqual(range(0, 10)));
    expect(known).toMatchObject({ degraded: [], snapshots: 1 });
  }
  for (const { changes } of hubs) expect(changes).toEqual([]);
});

test.each(['killed', 'demoted'] as const)(
  'a replica that was behind is promoted, the primary %s: nothing is missing, and every client begins anew',
  async (fate) => {
    const { primary, promote, demote } = await startReplica();
    const { network, hubs, followed, tell } = await startScene();
    await primary.wait(1, 10_000);
    // From now on the replica copies nothing; it takes over as it is.
    await promote();
    await tell(5, 15);
    for (const { known } of followed) await eventually(() => expect(known.data).toEqual(range(0, 15)));
    const before = followed.map(({ channel }) => channel.position?.epoch);
    if (fate === 'killed') {
      await one.server.kill();
      onTestFinished(() => one.restart());
    }
    network.pointTo(other.server.port);
    if (fate === 'demoted') await demote();
    await tell(15, 35);
    for (const [index, { channel, known }] of followed.entries()) {
      await eventually(() => expect(known.data).toEqual(range(0, 35)));
      await eventually(() => expect(known.degraded.at(-1)).toBe(false));
      expect(known.snapshots).toBe(2);
      expect(channel.position?.epoch).not.toBe(before[index]);
    }
    for (const { hub } of hubs) expect(hub.isReady()).toBe(true);
  },
);

interface Trouble {
  readonly name: string;
  readonly begin: (operator: Redis) => Promise<unknown>;
  readonly end: (operator: Redis) => Promise<unknown>;
}

/** A folder in the place of this file makes every snapshot of Redis fail. */
async function blockedFile(operator: Redis): Promise<string> {
  const [, directory] = (await operator.config('GET', 'dir')) as string[];
  return join(directory ?? '', 'dump.rdb');
}

const troubles: readonly Trouble[] = [
  {
    name: 'OOM',
    begin: (operator) => operator.config('SET', 'maxmemory', '1'),
    end: (operator) => operator.config('SET', 'maxmemory', '0'),
  },
  {
    name: 'READONLY',
    begin: (operator) => operator.replicaof(...NOWHERE),
    end: (operator) => operator.replicaof('NO', 'ONE'),
  },
  {
    name: 'MASTERDOWN',
    begin: async (operator) => {
      await operator.config('SET', 'replica-serve-stale-data', 'no');
      await operator.replicaof(...NOWHERE);
    },
    end: async (operator) => {
      await operator.replicaof('NO', 'ONE');
      await operator.config('SET', 'replica-serve-stale-data', 'yes');
    },
  },
  {
    name: 'MISCONF',
    begin: async (operator) => {
      const file = await blockedFile(operator);
      await rm(file, { recursive: true, force: true });
      await mkdir(join(file, 'occupied'), { recursive: true });
      await operator.config('SET', 'save', '3600 1000000');
      await operator.bgsave();
    },
    end: async (operator) => {
      await operator.config('SET', 'save', '');
      await rm(await blockedFile(operator), { recursive: true, force: true });
    },
  },
  {
    name: 'NOREPLICAS',
    begin: (operator) => operator.config('SET', 'min-replicas-to-write', '1'),
    end: (operator) => operator.config('SET', 'min-replicas-to-write', '0'),
  },
  {
    name: 'NOPERM',
    begin: (operator) => operator.call('ACL', 'SETUSER', 'default', '-@write'),
    end: (operator) => operator.call('ACL', 'SETUSER', 'default', '+@all'),
  },
];

describe('a Redis that answers but refuses writes is down until it accepts them', () => {
  test.each(troubles)('$name', async ({ name, begin, end }) => {
    const operator = one.operator();
    const { hubs, tell, whenDegraded, whenRecovered } = await startScene();
    await begin(operator);
    onTestFinished(async () => {
      await end(operator);
    });
    const use = () => (name === 'MASTERDOWN' ? operator.get('any') : operator.set('any', '', 'PX', 1));
    await eventually(() => expect(use()).rejects.toThrow(name));
    // The hubs notice, although they have nothing to write.
    await whenDegraded();
    await tell(5, 30);
    await Promise.all(hubs.map(({ redis }) => whenReconnected(redis, 3)));
    await whenDegraded();
    await end(operator);
    await whenRecovered(30);
  });
});

describe('half-open connections', () => {
  test.each(['both', 'commands', 'subscriber'] as const)(
    '%s: the hubs notice, and reconnect',
    async (which) => {
      const { network, hubs, tell, whenRecovered } = await startScene(1_000);
      for (const { redis } of hubs)
        for (const name of ['commands', 'subscriber'] as const) {
          const { stream } = redis[name];
          if (which === 'both' || which === name) network.forget(stream.localPort);
        }
      await tell(5, 30);
      await whenRecovered(30);
    },
  );
});
