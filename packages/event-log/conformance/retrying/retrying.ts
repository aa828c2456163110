import { eventually } from '@tidings/testing/eventually.ts';
import { readAll } from '@tidings/testing/log.ts';
import { expect, it } from 'vitest';
import type { NewRecord } from '../../event-log.ts';
import { consumeWithRetry } from '../../retry/consume-with-retry.ts';
import { requeuedRecord } from '../../retry/retry-headers.ts';
import { retryTopic } from '../../retry/topic-names.ts';
import type { ConformanceEngine } from '../engine.ts';
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
} from '../fixtures.ts';
import { deadLettersOf, optionsFor, outputsOf, retriedTopic } from './fixtures.ts';
import { describeRecordsThatWait } from './waiting.ts';

export function describeRetrying(engine: ConformanceEngine): void {
  describeFailures(engine);
  describeRecordsThatWait(engine);
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
