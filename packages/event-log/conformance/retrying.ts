import { eventually } from '@tidings/testing/eventually.ts';
import { readAll } from '@tidings/testing/log.ts';
import { expect, it } from 'vitest';
import { ControlJournal } from '../control/control-journal.ts';
import type { ControlAction } from '../control/control-records.ts';
import type { EventLog, LogRecord, NewRecord } from '../event-log.ts';
import { type BegunRange, SETTLED } from '../retry/begun-records.ts';
import { type ConsumeWithRetryOptions, consumeWithRetry } from '../retry/consume-with-retry.ts';
import { type DeadLetter, decodeDeadLetter, decodeRetry, requeuedRecord } from '../retry/retry-headers.ts';
import { attemptsTopic, deadLetterTopic, retryGroup, retryTopic } from '../retry/topic-names.ts';
import type { ConformanceEngine } from './engine.ts';
import {
  barrier,
  logFor,
  numbered,
  numbersOf,
  openFor,
  record,
  siteFor,
  text,
  topicFor,
  unique,
  upTo,
  valuesOf,
} from './fixtures.ts';

const retry = { initialDelayMs: 5, maxDelayMs: 20 };
const hour = 3_600_000;

/** A topic that one group consumes with retries, and the topics beside it. */
interface Retried {
  readonly topic: string;
  readonly group: string;
  /** Where outputs go. */
  readonly output: string;
  readonly deadLetters: string;
}

async function retriedTopic(log: EventLog, partitions = 2): Promise<Retried> {
  const [topic, output] = [await topicFor(log, { partitions }), await topicFor(log, { partitions: 1 })];
  const group = unique('group');
  const deadLetters = deadLetterTopic(topic, group);
  await log.ensureTopics([
    { name: attemptsTopic(group), partitions: 1, cleanup: 'compact' },
    { name: deadLetters, partitions: 1, cleanup: 'compact' },
    ...[1, 2].map((delay) => ({
      name: retryTopic(topic, group, delay),
      partitions,
      cleanup: 'delete' as const,
    })),
  ]);
  return { topic, group, output, deadLetters };
}

/** Puts out every record, unless `handle` throws. */
function optionsFor(
  log: EventLog,
  { topic, group, output }: Retried,
  handle: (value: string, attempt: number, record: LogRecord) => void | Promise<void>,
): ConsumeWithRetryOptions {
  return {
    log,
    group,
    topics: [topic],
    delaysMs: [20, 40],
    retry,
    isOutage: (error) => error instanceof Error && error.message === 'outage',
    describe: () => ({ code: 'broken', message: 'It is broken.' }),
    handle: async (one, attempt) => {
      await handle(text(one.value), attempt, one);
      return [{ topic: output, key: one.key, value: one.value, headers: { attempt: String(attempt) } }];
    },
  };
}

async function deadLettersOf(log: EventLog, { deadLetters }: Retried): Promise<DeadLetter[]> {
  return (await readAll(log, deadLetters)).map(decodeDeadLetter);
}

/** The distinct values that were put out. */
async function outputsOf(log: EventLog, { output }: Retried): Promise<string[]> {
  return [...new Set(valuesOf(await readAll(log, output)))].sort();
}

export function describeRetrying(engine: ConformanceEngine): void {
  describeFailures(engine);
  describeWaiting(engine);
  describeWaitingOrders(engine);
  describeCrashes(engine);
}

function describeFailures(engine: ConformanceEngine): void {
  it('stops at an outage without counting attempts, and goes on by itself in the same order', async () => {
    const log = await logFor(engine);
    const retried = await retriedTopic(log, 1);
    await log.append(numbered(retried.topic, 20));
    const handled: number[] = [];
    const attempts = new Set<number>();
    const failures: number[] = [];
    let away = true;
    const options = optionsFor(log, retried, (value, attempt) => {
      if (away && Number(value) === 7) throw new Error('outage');
      handled.push(Number(value));
      attempts.add(attempt);
    });
    await consumeWithRetry({ ...options, onError: (_error, attempt) => void failures.push(attempt) });
    await eventually(() => expect(failures.length).toBeGreaterThanOrEqual(4));
    expect(failures.slice(0, 4)).toEqual([1, 2, 3, 4]);
    expect(Math.max(...handled)).toBe(6);
    away = false;
    await eventually(() => expect(handled.slice(-13)).toEqual(upTo(20).slice(7)));
    expect(attempts).toEqual(new Set([1]));
    await eventually(async () => expect(await outputsOf(log, retried)).toHaveLength(20));
    expect(await readAll(log, retryTopic(retried.topic, retried.group, 1))).toEqual([]);
    expect(await deadLettersOf(log, retried)).toEqual([]);
  });

  it('handles several records at once where asked, each with attempts of its own, and all again after an outage', async () => {
    const log = await logFor(engine);
    const retried = await retriedTopic(log, 1);
    const together = barrier();
    let isAway = true;
    let handling = 0;
    const outages: unknown[] = [];
    const options = optionsFor(log, retried, async (value, attempt) => {
      handling += 1;
      if (handling >= 4) together.open();
      await together.opened;
      if (value === '1' && attempt === 1) throw new Error('broken');
      if (value === '2' && isAway) throw new Error('outage');
    });
    await log.append(numbered(retried.topic, 8));
    const onError = (error: unknown) => void outages.push(error);
    await consumeWithRetry({ ...options, recordsAtOnce: 4, onError });
    await eventually(() => expect(outages).not.toEqual([]));
    isAway = false;
    await eventually(async () => expect(await outputsOf(log, retried)).toHaveLength(8));
    expect(await deadLettersOf(log, retried)).toEqual([]);
  });

  it('tells of records that have come before they are handled, and when they are over, also where they fail', async () => {
    const log = await logFor(engine);
    const retried = await retriedTopic(log, 1);
    await log.append(numbered(retried.topic, 3));
    let delivered = 0;
    const seen: number[] = [];
    let away = true;
    const options = optionsFor(log, retried, (_value, attempt) => {
      seen.push(delivered);
      if (away) throw new Error('outage');
      if (attempt === 1) throw new Error('broken');
    });
    await consumeWithRetry({
      ...options,
      maxBatchRecords: 1,
      onDelivered: (records) => {
        delivered += records.length;
        return () => {
          delivered -= records.length;
        };
      },
    });
    await eventually(() => expect(seen.length).toBeGreaterThanOrEqual(2));
    away = false;
    await eventually(async () => expect(await outputsOf(log, retried)).toHaveLength(3));
    // A further attempt, behind its pause, is not told of.
    expect(new Set(seen)).toEqual(new Set([0, 1]));
    await eventually(() => expect(delivered).toBe(0));
  });

  it('gives a record that fails its attempts later, lets the others go on, and keeps it as a dead letter', async () => {
    const log = await logFor(engine);
    const retried = await retriedTopic(log);
    const bad: NewRecord = { ...record(retried.topic, 'bad', '0'), headers: { own: 'header' } };
    const [origin] = await log.append([bad, ...numbered(retried.topic, 30).slice(1)]);
    const attempts: number[] = [];
    const seen: unknown[] = [];
    const told: unknown[] = [];
    const options = optionsFor(log, retried, (value, attempt, one) => {
      if (value !== '0') return;
      attempts.push(attempt);
      const { topic, partition, offset, key, headers } = one;
      seen.push({ topic, partition, offset, key, headers });
      throw new Error('a secret of the record');
    });
    const note = (kind: string) => ({
      topic: retried.output,
      key: 'note',
      value: new TextEncoder().encode(kind),
    });
    await consumeWithRetry({
      ...options,
      onRetry: ({ attempt, attempts: all, error }, dueAt) => {
        told.push([attempt, all, error.code, dueAt > Date.now() - 60_000]);
        return [note(`retry-${attempt}`)];
      },
      onDead: ({ attempt, attempts: all, error }) => {
        told.push([attempt, all, error.code]);
        return [note('dead')];
      },
    });
    await eventually(async () => expect(await deadLettersOf(log, retried)).toHaveLength(1));
    const { partition = 0, offset = 0 } = origin ?? {};
    const place = { topic: retried.topic, partition, offset };
    const [letter] = await deadLettersOf(log, retried);
    expect(letter).toEqual({
      id: `${retried.topic}/${partition}/${offset}`,
      group: retried.group,
      origin: place,
      key: 'bad',
      value: expect.anything(),
      headers: { own: 'header' },
      attempts: 3,
      error: { code: 'broken', message: 'It is broken.' },
      failedAt: expect.any(Number),
    });
    expect(text(letter?.value ?? null)).toBe('0');
    expect(attempts).toEqual([1, 2, 3]);
    expect(seen).toEqual(upTo(3).map(() => ({ ...place, key: 'bad', headers: { own: 'header' } })));
    expect(told).toEqual([
      [1, 3, 'broken', true],
      [2, 3, 'broken', true],
      [3, 3, 'broken'],
    ]);
    await eventually(async () =>
      expect(await outputsOf(log, retried)).toEqual(
        [...upTo(30).slice(1).map(String), 'dead', 'retry-1', 'retry-2'].sort(),
      ),
    );
  });

  it('handles a record that succeeds at a later attempt once, and a requeued dead letter as a new one', async () => {
    const log = await logFor(engine);
    const retried = await retriedTopic(log);
    await log.append([
      record(retried.topic, 'later', 'later'),
      { topic: retried.topic, key: 'never', value: null },
    ]);
    const attempts: string[] = [];
    let mended = false;
    const options = optionsFor(log, retried, (_value, attempt, { key }) => {
      attempts.push(`${key} ${attempt}`);
      if (!mended && (key === 'never' || attempt < 3)) throw new Error('broken');
    });
    await consumeWithRetry(options);
    await eventually(async () => expect(await outputsOf(log, retried)).toEqual(['later']));
    await eventually(async () => expect(await deadLettersOf(log, retried)).toHaveLength(1));
    const [letter] = await deadLettersOf(log, retried);
    expect(letter).toMatchObject({ key: 'never', value: null, attempts: 3 });
    mended = true;
    if (letter) await log.append([requeuedRecord(letter)]);
    await eventually(async () => expect(await readAll(log, retried.output)).toHaveLength(2));
    expect(attempts.filter((one) => one.startsWith('never'))).toEqual([
      'never 1',
      'never 2',
      'never 3',
      'never 1',
    ]);
    expect(attempts.filter((one) => one.startsWith('later'))).toEqual(['later 1', 'later 2', 'later 3']);
  });

  it('keeps a stranger’s record in a retry topic as a dead letter, and goes on', async () => {
    const log = await logFor(engine);
    const retried = await retriedTopic(log, 1);
    const place = retryTopic(retried.topic, retried.group, 1);
    await log.append([record(place, 'stranger', 'what is this')]);
    let failed = false;
    const options = optionsFor(log, retried, () => {
      if (failed) return;
      failed = true;
      throw new Error('once');
    });
    await log.append([record(retried.topic, 'ours', 'ours')]);
    await consumeWithRetry(options);
    await eventually(async () => expect(await outputsOf(log, retried)).toEqual(['ours']));
    const letters = await deadLettersOf(log, retried);
    expect(letters).toMatchObject([
      { origin: { topic: place }, key: 'stranger', error: { code: 'malformed_retry' } },
    ]);
    expect(text(letters[0]?.value ?? null)).toBe('what is this');
  });

  it('refuses to begin without one of the topics beside', async () => {
    const log = await logFor(engine);
    const topic = await topicFor(log);
    const retried = { topic, group: unique('group'), output: topic, deadLetters: topic };
    await expect(consumeWithRetry(optionsFor(log, retried, () => undefined))).rejects.toMatchObject({
      code: 'topic_unknown',
    });
  });
}

function describeWaiting(engine: ConformanceEngine): void {
  it('waits until a record is due, without stopping the others, and tells where each record lay', async () => {
    const log = await logFor(engine);
    const retried = await retriedTopic(log, 1);
    const waiting = retryTopic(retried.topic, retried.group, 1);
    await log.append([record(retried.topic, 'a', 'bad'), record(retried.topic, 'b', 'good')]);
    const settled: string[] = [];
    const early: number[] = [];
    const options = optionsFor(log, retried, async (value, attempt) => {
      if (value !== 'bad') return;
      if (attempt === 1) throw new Error('broken');
      const [record] = await readAll(log, waiting);
      const dueAt = (record && decodeRetry(record)?.dueAt) ?? Number.POSITIVE_INFINITY;
      if (Date.now() < dueAt) early.push(dueAt - Date.now());
    });
    await consumeWithRetry({
      ...options,
      delaysMs: [300, 0],
      onSettled: ({ topic, offset }, group) => void settled.push(`${group} ${topic} ${offset}`),
    });
    await eventually(async () => expect(await outputsOf(log, retried)).toEqual(['bad', 'good']));
    expect(valuesOf(await readAll(log, retried.output))).toEqual(['good', 'bad']);
    expect(early).toEqual([]);
    await eventually(() =>
      expect(settled).toEqual([
        `${retried.group} ${retried.topic} 0`,
        `${retried.group} ${retried.topic} 1`,
        `${retryGroup(retried.group)} ${waiting} 0`,
      ]),
    );
    await eventually(async () =>
      expect(await log.committedOffsets(retryGroup(retried.group), waiting)).toEqual(
        await log.endOffsets(waiting),
      ),
    );
  });

  it('stops in the middle of a wait, and its successor takes the record over', async () => {
    const log = await logFor(engine);
    const retried = await retriedTopic(log, 1);
    await log.append([record(retried.topic, 'a', 'bad')]);
    const options = optionsFor(log, retried, (_value, attempt) => {
      if (attempt === 1) throw new Error('broken');
    });
    const consumer = await consumeWithRetry({ ...options, delaysMs: [hour] });
    const waiting = retryTopic(retried.topic, retried.group, 1);
    await eventually(async () => expect(await readAll(log, waiting)).toHaveLength(1));
    await consumer.stop();
    expect(await outputsOf(log, retried)).toEqual([]);
    // A wait is never longer than the delay, whatever the record says.
    await consumeWithRetry({ ...options, delaysMs: [10] });
    await eventually(async () => expect(await outputsOf(log, retried)).toEqual(['bad']));
  });
}

/** A topic of one partition whose records 0 to 2 wait for their second attempt, and a way to give orders about them. */
async function waitingRecords(log: EventLog) {
  const retried = await retriedTopic(log, 1);
  const { topic, group } = retried;
  const controlTopic = await topicFor(log, { partitions: 1 });
  await log.append(upTo(3).map((number) => record(topic, `key-${number}`, String(number))));
  const handled: string[] = [];
  /** A client of its own may be cut off like a crash. */
  const start = (client: EventLog) => {
    const options = optionsFor(client, retried, (value, attempt) => {
      handled.push(`${value} ${attempt}`);
      if (attempt === 1) throw new Error('broken');
    });
    return consumeWithRetry({
      ...{ ...options, delaysMs: [hour, hour], orders: { controlTopic, lookMs: 10 } },
      onSkipped: ({ record: { key, value }, attempt, error }) => [
        { topic: retried.output, key, value: new TextEncoder().encode(`${text(value)} skipped`) },
        { topic: retried.output, key, value: new TextEncoder().encode(`${error.code} ${attempt}`) },
      ],
    });
  };
  const waiting = retryTopic(topic, group, 1);
  const allWait = () => eventually(async () => expect(await readAll(log, waiting)).toHaveLength(3));
  const order = async (action: ControlAction, offset: number, attempts = 1) => {
    const place = { group, topic, partition: 0, offset, key: `key-${offset}` };
    const target = { kind: 'waiting_record', ...place, attempts } as const;
    await new ControlJournal(log, controlTopic).give([{ action, target, who: 'support', reason: 'a test' }]);
  };
  const passed = () =>
    eventually(async () =>
      expect(await log.committedOffsets(retryGroup(group), waiting)).toEqual(await log.endOffsets(waiting)),
    );
  const outputs = async () => valuesOf(await readAll(log, retried.output));
  /** The offsets of the records that are known to be worked off before their turns. */
  const settled = async (): Promise<number[]> => {
    const markers = (await readAll(log, attemptsTopic(group))).filter(({ key }) => key === `${waiting}/0`);
    const ranges: BegunRange[] = JSON.parse(text(markers.at(-1)?.value ?? null));
    return ranges.filter(({ attempts }) => attempts === SETTLED).map(({ from }) => from);
  };
  return { start, allWait, order, passed, outputs, settled, handled };
}

function describeWaitingOrders(engine: ConformanceEngine): void {
  it('tries a record that waits at once where that is ordered, and leaves those before it waiting', async () => {
    const log = await logFor(engine);
    const { start, allWait, order, passed, outputs, handled } = await waitingRecords(log);
    await start(log);
    await allWait();
    // About an attempt that has not failed yet.
    await order('retry', 0, 2);
    await order('retry', 1);
    await eventually(async () => expect(await outputs()).toEqual(['1']));
    expect(handled).toEqual(['0 1', '1 1', '2 1', '1 2']);
    await order('retry', 2);
    await eventually(async () => expect(await outputs()).toEqual(['1', '2']));
    await order('retry', 0);
    await passed();
    expect(await outputs()).toEqual(['1', '2', '0']);
    expect(handled).toEqual(['0 1', '1 1', '2 1', '1 2', '2 2', '0 2']);
  });

  it('gives a record that waits up at once where that is ordered, and passes it over when its turn comes', async () => {
    const log = await logFor(engine);
    const { start, allWait, order, passed, outputs, handled } = await waitingRecords(log);
    await start(log);
    await allWait();
    await order('skip', 2);
    await eventually(async () => expect(await outputs()).toEqual(['2 skipped', 'broken 1']));
    await order('skip', 0);
    await eventually(async () => expect(await outputs()).toContain('0 skipped'));
    await order('retry', 1);
    await passed();
    expect((await outputs()).toSorted()).toEqual(
      ['0 skipped', '1', '2 skipped', 'broken 1', 'broken 1'].toSorted(),
    );
    expect(handled).toEqual(['0 1', '1 1', '2 1', '1 2']);
  });

  it('lets the next owner of the partition know what was worked off or skipped before its turn', async () => {
    const site = await siteFor(engine);
    const log = await openFor(site);
    const { start, allWait, order, passed, outputs, settled, handled } = await waitingRecords(log);
    const client = await site.connect();
    await start(client.log);
    await allWait();
    await order('skip', 1);
    await eventually(async () => expect(await outputs()).toContain('1 skipped'));
    await order('retry', 2);
    await eventually(async () => expect(await outputs()).toContain('2'));
    // The marker follows the outputs.
    await eventually(async () => expect(await settled()).toEqual([1, 2]));
    await client.cut();
    await start(log);
    await order('retry', 0);
    await passed();
    expect((await outputs()).toSorted()).toEqual(['0', '1 skipped', '2', 'broken 1']);
    expect(handled).toEqual(['0 1', '1 1', '2 1', '2 2', '0 2']);
  });
}

function describeCrashes(engine: ConformanceEngine): void {
  it('gives up a record that ends its process three times, without a fourth handling, and handles its neighbours', async () => {
    const site = await siteFor(engine);
    const log = await openFor(site);
    const retried = await retriedTopic(log, 1);
    await log.append(upTo(10).map((number) => record(retried.topic, 'key', String(number))));
    const held = barrier();
    const attempts: number[] = [];
    for (const crash of [1, 2, 3]) {
      const client = await site.connect();
      const options = optionsFor(client.log, retried, async (value, attempt) => {
        if (value !== '4') return;
        attempts.push(attempt);
        await held.opened;
        // It was the process that had ended here.
        await new Promise(() => undefined);
      });
      await consumeWithRetry(options);
      await eventually(() => expect(attempts).toHaveLength(crash));
      await client.cut();
    }
    const again: string[] = [];
    const options = optionsFor(log, retried, (value) => void again.push(value));
    await consumeWithRetry(options);
    await eventually(async () =>
      expect(await outputsOf(log, retried)).toEqual(['0', '1', '2', '3', '5', '6', '7', '8', '9']),
    );
    expect(attempts).toEqual([1, 2, 3]);
    expect(again).not.toContain('4');
    expect(await deadLettersOf(log, retried)).toMatchObject([
      { attempts: 3, error: { code: 'process_ended' }, key: 'key', origin: { offset: 4 } },
    ]);
    expect(numbersOf(await readAll(log, retried.topic))).toEqual(upTo(10));
  });

  it('counts nothing against a member that was idle, or stopped in an outage', async () => {
    const site = await siteFor(engine);
    const log = await openFor(site);
    const retried = await retriedTopic(log, 1);
    const { topic } = retried;
    await log.append([record(topic, 'key', 'first')]);
    const idle = await site.connect();
    await consumeWithRetry(optionsFor(idle.log, retried, () => undefined));
    const committed = () => log.committedOffsets(retried.group, topic);
    await eventually(async () => expect(await committed()).toEqual([1]));
    await idle.cut();
    for (const _ of upTo(3)) {
      await log.append([record(topic, 'key', 'second')]);
      let failures = 0;
      const consumer = await consumeWithRetry({
        ...optionsFor(log, retried, () => {
          throw new Error('outage');
        }),
        onError: () => {
          failures += 1;
        },
      });
      await eventually(() => expect(failures).toBeGreaterThan(0));
      await consumer.stop();
    }
    const attempts: number[] = [];
    await consumeWithRetry(optionsFor(log, retried, (_value, attempt) => void attempts.push(attempt)));
    await eventually(() => expect(attempts).toEqual([1, 1, 1]));
  });
}
