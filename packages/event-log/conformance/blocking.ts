import { eventually } from '@tidings/testing/eventually.ts';
import { readAll } from '@tidings/testing/log.ts';
import { expect, it } from 'vitest';
import { runAtomicStore } from '../atomic-store.ts';
import { type BlockedPartition, BlockedPartitions } from '../control/blocked-partitions.ts';
import { type ConsumeInOrderOptions, consumeInOrder } from '../control/consume-in-order.ts';
import { ControlJournal } from '../control/control-journal.ts';
import type { ControlAction } from '../control/control-records.ts';
import { BLOCKED_AFTER, type BlockingOptions } from '../control/failing-records.ts';
import type { EventLog } from '../event-log.ts';
import type { ConformanceEngine } from './engine.ts';
import { logFor, openFor, record, siteFor, text, topicFor, unique, upTo, valuesOf } from './fixtures.ts';

const retry = { initialDelayMs: 5, maxDelayMs: 20 };
const hour = 3_600_000;

/** A topic of one partition whose records must be handled in their order. */
interface Ordered {
  readonly topic: string;
  readonly group: string;
  readonly blockedTopic: string;
  readonly controlTopic: string;
}

async function orderedTopic(log: EventLog): Promise<Ordered> {
  const partitions = 1;
  return {
    topic: await topicFor(log, { partitions }),
    group: unique('group'),
    blockedTopic: await topicFor(log, { partitions, cleanup: 'compact' }),
    controlTopic: await topicFor(log, { partitions }),
  };
}

/** What happened at blocked partitions of one consumer. */
interface Told {
  readonly blocked: BlockedPartition[];
  readonly skipped: number[];
}

/** A blocked partition pauses for an hour, so that only an order makes it go on. */
function blockingFor({ blockedTopic, controlTopic }: Ordered, told: Told): BlockingOptions {
  return {
    blockedTopic,
    controlTopic,
    isOutage: (error) => error instanceof Error && error.message === 'outage',
    describe: () => ({ code: 'broken', message: 'It is broken.' }),
    onBlocked: (blocked) => void told.blocked.push(blocked),
    onSkipped: ({ offset }) => void told.skipped.push(offset),
    pauses: { firstMs: hour, longestMs: hour },
    lookMs: 10,
  };
}

function optionsFor(
  log: EventLog,
  ordered: Ordered,
  told: Told,
  handle: (value: string) => void,
): ConsumeInOrderOptions {
  return {
    ...{ log, group: ordered.group, topics: [ordered.topic], retry },
    blocking: blockingFor(ordered, told),
    handle: async ({ value }) => handle(text(value)),
  };
}

const nothingTold = (): Told => ({ blocked: [], skipped: [] });
const numbered = ({ topic }: Ordered, count: number) =>
  upTo(count).map((number) => record(topic, `key-${number}`, String(number)));

async function order(log: EventLog, ordered: Ordered, action: ControlAction, offset: number): Promise<void> {
  const { topic, group, controlTopic } = ordered;
  const target = { kind: 'blocked_partition', group, topic, partition: 0, offset, key: '' } as const;
  await new ControlJournal(log, controlTopic).give([{ action, target, who: 'support', reason: 'a test' }]);
}

const listed = (log: EventLog, { blockedTopic }: Ordered) => new BlockedPartitions(log, blockedTopic).list();

/** The offsets of the entries on the topic, whatever the group's position is. */
async function entriesOn(log: EventLog, { blockedTopic }: Ordered): Promise<unknown[]> {
  const newest = (await readAll(log, blockedTopic)).at(-1)?.value ?? null;
  return newest === null ? [] : [JSON.parse(text(newest)).offset];
}

/** An atomic store whose state is its commands, one behind the other; it cannot read command 2. Resolves with the topic of its states. */
async function concatenate(log: EventLog, ordered: Ordered, told: Told): Promise<string> {
  const store = await topicFor(log, { partitions: 1, cleanup: 'compact' });
  await runAtomicStore<string, string>({
    ...{ log, group: ordered.group, commandsTopic: ordered.topic, storeTopic: store, retry },
    blocking: blockingFor(ordered, told),
    decodeCommand: ({ value }) => {
      if (text(value) === '2') throw new Error('unknown');
      return text(value);
    },
    encodeState: (state) => new TextEncoder().encode(state),
    decodeState: ({ value }) => text(value),
    fold: (state = '', command) => ({ state: state + command, outputs: [], commitNow: true }),
  });
  return store;
}

export function describeBlocking(engine: ConformanceEngine): void {
  describeOrders(engine);
  describeOwners(engine);
}

function describeOrders(engine: ConformanceEngine): void {
  it('tells of a record that fails five times, tries again when ordered to, and goes on once it succeeds', async () => {
    const log = await logFor(engine);
    const ordered = await orderedTopic(log);
    await log.append(numbered(ordered, 6));
    const told = nothingTold();
    const handled: string[] = [];
    let attempts = 0;
    let mended = false;
    const consumer = await consumeInOrder(
      optionsFor(log, ordered, told, (value) => {
        if (value === '3') attempts += 1;
        if (value === '3' && !mended) throw new Error('a secret of the record');
        handled.push(value);
      }),
    );
    await eventually(async () => expect(await entriesOn(log, ordered)).toEqual([3]));
    const { topic, group } = ordered;
    expect(await listed(log, ordered)).toEqual([
      {
        ...{ group, topic, partition: 0, offset: 3, key: 'key-3', attempts: BLOCKED_AFTER },
        ...{ error: { code: 'broken', message: 'It is broken.' }, since: expect.any(Number) },
      },
    ]);
    await order(log, ordered, 'retry', 3);
    await eventually(() => expect(told.blocked).toHaveLength(2));
    expect([attempts, told.blocked[1]?.attempts]).toEqual([BLOCKED_AFTER + 1, BLOCKED_AFTER + 1]);
    expect(told.blocked[1]?.since).toBe(told.blocked[0]?.since);
    mended = true;
    await order(log, ordered, 'retry', 3);
    await eventually(() => expect(handled.at(-1)).toBe('5'));
    // Records before the blocked one are not handled again at each attempt.
    expect(handled).toEqual(['0', '1', '2', '3', '4', '5']);
    await eventually(async () => expect(await entriesOn(log, ordered)).toEqual([]));
    expect(await listed(log, ordered)).toEqual([]);
    expect(told.skipped).toEqual([]);
    await consumer.stop();
  });

  it('passes over exactly the record that it is told to skip', async () => {
    const log = await logFor(engine);
    const ordered = await orderedTopic(log);
    await log.append(numbered(ordered, 5));
    const told = nothingTold();
    const handled: string[] = [];
    await consumeInOrder(
      optionsFor(log, ordered, told, (value) => {
        if (value === '1' || value === '3') throw new Error('broken');
        handled.push(value);
      }),
    );
    await eventually(() => expect(told.blocked).toMatchObject([{ offset: 1 }]));
    await order(log, ordered, 'skip', 2);
    await order(log, ordered, 'skip', 1);
    await eventually(() => expect(told.blocked).toMatchObject([{ offset: 1 }, { offset: 3 }]));
    expect([handled, told.skipped]).toEqual([['0', '2'], [1]]);
    expect(await listed(log, ordered)).toMatchObject([{ offset: 3 }]);
  });

  it('does not call a partition blocked in an outage', async () => {
    const log = await logFor(engine);
    const ordered = await orderedTopic(log);
    await log.append(numbered(ordered, 1));
    const told = nothingTold();
    let attempts = 0;
    await consumeInOrder(
      optionsFor(log, ordered, told, () => {
        attempts += 1;
        if (attempts <= 2 * BLOCKED_AFTER) throw new Error('outage');
      }),
    );
    await eventually(async () =>
      expect(await log.committedOffsets(ordered.group, ordered.topic)).toEqual([1]),
    );
    expect(attempts).toBe(2 * BLOCKED_AFTER + 1);
    expect([told, await readAll(log, ordered.blockedTopic)]).toEqual([nothingTold(), []]);
  });

  it('commits the commands before the one that blocks, though they came in the same batch', async () => {
    const log = await logFor(engine);
    const ordered = await orderedTopic(log);
    await log.append(upTo(5).map((number) => record(ordered.topic, 'key', String(number))));
    const told = nothingTold();
    const store = await concatenate(log, ordered, told);
    await eventually(() => expect(told.blocked).toMatchObject([{ offset: 2, attempts: BLOCKED_AFTER }]));
    expect(valuesOf(await readAll(log, store)).at(-1)).toBe('01');
    expect(await log.committedOffsets(ordered.group, ordered.topic)).toEqual([2]);
    await order(log, ordered, 'skip', 2);
    await eventually(async () => expect(valuesOf(await readAll(log, store)).at(-1)).toBe('0134'));
  });

  it('blocks and skips in an atomic store, whose states are those without the record', async () => {
    const log = await logFor(engine);
    const ordered = await orderedTopic(log);
    const told = nothingTold();
    const store = await concatenate(log, ordered, told);
    await log.append(upTo(5).map((number) => record(ordered.topic, 'key', String(number))));
    await eventually(() => expect(told.blocked).toMatchObject([{ offset: 2, attempts: BLOCKED_AFTER }]));
    await order(log, ordered, 'skip', 2);
    await eventually(async () => expect(valuesOf(await readAll(log, store)).at(-1)).toBe('0134'));
    await eventually(async () => expect(await listed(log, ordered)).toEqual([]));
    expect(await entriesOn(log, ordered)).toEqual([]);
    expect(told.skipped).toEqual([2]);
  });
}

function describeOwners(engine: ConformanceEngine): void {
  it('lets the next owner of the partition know the skip, and remove the entry', async () => {
    const site = await siteFor(engine);
    const log = await openFor(site);
    const ordered = await orderedTopic(log);
    await log.append(numbered(ordered, 3));
    const failing = (value: string) => {
      if (value === '1') throw new Error('broken');
    };
    const client = await site.connect();
    const first = nothingTold();
    await consumeInOrder(optionsFor(client.log, ordered, first, failing));
    await eventually(() => expect(first.blocked).toHaveLength(1));
    await client.cut();
    await order(log, ordered, 'skip', 1);
    const second = nothingTold();
    const consumer = await consumeInOrder(optionsFor(log, ordered, second, failing));
    await eventually(async () =>
      expect(await log.committedOffsets(ordered.group, ordered.topic)).toEqual([3]),
    );
    expect([second.skipped, second.blocked]).toEqual([[1], []]);
    expect(await entriesOn(log, ordered)).toEqual([]);
    await consumer.stop();
  });

  it('frees the partition by itself where the next owner can handle the record', async () => {
    const site = await siteFor(engine);
    const log = await openFor(site);
    const ordered = await orderedTopic(log);
    await log.append(numbered(ordered, 2));
    const client = await site.connect();
    const told = nothingTold();
    const options = optionsFor(client.log, ordered, told, () => {
      throw new Error('broken');
    });
    // A client that is cut off is known to have ended at its next attempt.
    const pauses = { firstMs: 20, longestMs: 20 };
    await consumeInOrder({ ...options, blocking: { ...options.blocking, pauses } });
    await eventually(() => expect(told.blocked.length).toBeGreaterThan(0));
    await client.cut();
    await consumeInOrder(optionsFor(log, ordered, nothingTold(), () => undefined));
    await eventually(async () => expect(await entriesOn(log, ordered)).toEqual([]));
    expect(await listed(log, ordered)).toEqual([]);
  });
}
