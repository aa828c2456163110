import { codeOf } from '@tidings/failures/failure.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { readAll } from '@tidings/testing/log.ts';
import { expect, it } from 'vitest';
import type { LogRecord, PartitionProcessor, ProcessOptions } from '../event-log.ts';
import { copier } from './copier.ts';
import type { ConformanceEngine } from './engine.ts';
import {
  barrier,
  logFor,
  numbered,
  numbersOf,
  openFor,
  record,
  siteFor,
  topicFor,
  unique,
  upTo,
  valuesOf,
} from './fixtures.ts';

const retry = { initialDelayMs: 5, maxDelayMs: 20 };

export function describeProcessing(engine: ConformanceEngine): void {
  describeCommits(engine);
  describeFailures(engine);
  describeMoves(engine);
}

function describeCommits(engine: ConformanceEngine): void {
  it('puts out what it makes of each record once, and commits together with it', async () => {
    const log = await logFor(engine);
    const [input, output] = [await topicFor(log), await topicFor(log)];
    const group = unique('group');
    await log.append(numbered(input, 200));
    await log.process({
      group,
      topics: [input],
      createProcessor: () => copier(output, true),
      maxBatchRecords: 7,
    });
    await log.append(numbered(input, 300).slice(200));
    await eventually(async () => expect(numbersOf(await readAll(log, output))).toEqual(upTo(300)));
    const ends = await log.endOffsets(input);
    expect(await log.committedOffsets(group, input)).toEqual(ends);
  });

  it('commits within the interval when it is not asked to at once, and what is left when it stops', async () => {
    const log = await logFor(engine);
    const [input, output] = [await topicFor(log), await topicFor(log)];
    const group = unique('group');
    const options = (commitIntervalMs: number): ProcessOptions => ({
      group,
      topics: [input],
      commitIntervalMs,
      createProcessor: () => copier(output, false),
    });
    const quick = await log.process(options(20));
    await log.append(numbered(input, 50));
    await eventually(async () => expect(numbersOf(await readAll(log, output))).toEqual(upTo(50)));
    await quick.stop();

    let handled = 0;
    const slow = await log.process({
      ...options(3_600_000),
      createProcessor: () => {
        const processor = copier(output, false);
        return {
          handle: (records) => {
            handled += records.length;
            return processor.handle(records);
          },
          outputs: () => processor.outputs(),
        };
      },
    });
    await log.append(numbered(input, 80).slice(50));
    await eventually(() => expect(handled).toBe(30));
    expect(await readAll(log, output)).toHaveLength(50);
    await slow.stop();
    expect(numbersOf(await readAll(log, output))).toEqual(upTo(80));
  });

  it('lets the next processor read its state from the log', async () => {
    const site = await siteFor(engine);
    const first = await site.open();
    const input = await topicFor(first, { partitions: 1 });
    const output = await topicFor(first, { partitions: 1, cleanup: 'compact' });
    const options = (log: typeof first): ProcessOptions => ({
      group: 'sums',
      topics: [input],
      createProcessor: async () => {
        let sum = Number(valuesOf(await readAll(log, output)).at(-1) ?? 0);
        return {
          handle: (records) => {
            sum += numbersOf(records).reduce((total, number) => total + number, 0);
            return true;
          },
          outputs: () => [record(output, 'sum', String(sum))],
        };
      },
    });
    await first.process(options(first));
    await first.append(numbered(input, 100));
    await eventually(async () => expect(valuesOf(await readAll(first, output)).at(-1)).toBe('4950'));
    await first.close();

    const again = await openFor(site);
    await again.process(options(again));
    await again.append(numbered(input, 200).slice(100));
    await eventually(async () => expect(valuesOf(await readAll(again, output)).at(-1)).toBe('19900'));
  });
}

function describeFailures(engine: ConformanceEngine): void {
  it('throws the processor away after a failure and loses and doubles nothing', async () => {
    const log = await logFor(engine);
    const [input, output] = [await topicFor(log, { partitions: 1 }), await topicFor(log)];
    await log.append(numbered(input, 100));
    const faults = ['creating', 'handling', 'outputs', 'appending'];
    const fail = (step: string): void => {
      if (faults[0] === step) throw new Error(`${faults.shift()} failed`);
    };
    let made = 0;
    let usedAfterFailure = 0;
    const createProcessor = (): PartitionProcessor => {
      made += 1;
      fail('creating');
      const processor = copier(output, true);
      let hasFailed = false;
      const use = <Result>(step: string, result: () => Result): Result => {
        if (hasFailed) usedAfterFailure += 1;
        hasFailed = faults[0] === step;
        fail(step);
        return result();
      };
      return {
        handle: (records) => use('handling', () => processor.handle(records)),
        // A commit that fails is known only while the next batch is handled.
        outputs: () =>
          use('outputs', () =>
            faults[0] === 'appending' ? [record(unique('unknown'), 'a', 'x')] : processor.outputs(),
          ),
      };
    };
    const attempts: number[] = [];
    const told: string[] = [];
    const onError = (error: unknown, attempt: number): void => {
      attempts.push(attempt);
      told.push(String(error));
      if (codeOf(error) === 'topic_unknown') faults.length = 0;
    };
    await log.process({
      group: unique('group'),
      topics: [input],
      createProcessor,
      maxBatchRecords: 30,
      retry,
      onError,
    });
    await eventually(async () => expect(numbersOf(await readAll(log, output))).toEqual(upTo(100)));
    expect(usedAfterFailure).toBe(0);
    const steps = ['creating failed', 'handling failed', 'outputs failed', 'There is no topic'];
    expect(steps.map((step) => told.filter((error) => error.includes(step)).length)).toEqual([1, 1, 1, 1]);
    if (engine.features.exclusive) expect([made, attempts]).toEqual([5, [1, 2, 3, 4]]);
    // A member that others take for dead, as on a busy machine, joins anew with a further processor, and counts failures anew.
    else expect(made).toBeGreaterThanOrEqual(5);
    for (const [index, attempt] of attempts.entries())
      expect([1, (attempts[index - 1] ?? 0) + 1]).toContain(attempt);
  });
}

function describeMoves(engine: ConformanceEngine): void {
  it('loses and doubles nothing while members come and go', async () => {
    const log = await logFor(engine);
    const [input, output] = [await topicFor(log, { partitions: 8 }), await topicFor(log, { partitions: 8 })];
    const options: ProcessOptions = {
      group: unique('group'),
      topics: [input],
      maxBatchRecords: 5,
      commitIntervalMs: 10,
      createProcessor: () => copier(output, false),
    };
    await log.process(options);
    for (const round of upTo(5)) {
      await log.append(numbered(input, (round + 1) * 200, 40).slice(round * 200));
      const guest = await log.process(options);
      const reached = 100 + round * 200;
      await eventually(async () => expect((await readAll(log, output)).length).toBeGreaterThan(reached));
      await guest.stop();
    }
    await eventually(async () => expect(numbersOf(await readAll(log, output))).toEqual(upTo(1_000)));
  });

  it('lets a former owner commit nothing any more', async () => {
    const site = await siteFor(engine);
    const log = await openFor(site);
    const [input, output] = [await topicFor(log, { partitions: 1 }), await topicFor(log, { partitions: 1 })];
    const group = unique('group');
    const zombie = await site.connect();
    const held = barrier();
    let reached = false;
    let resumed = false;
    await zombie.log.process({
      group,
      topics: [input],
      createProcessor: () => ({
        handle: async () => {
          reached = true;
          await held.opened;
          resumed = true;
          return true;
        },
        outputs: () => [record(output, 'a', 'from the zombie')],
      }),
    });
    await log.append([record(input, 'a', '0')]);
    await eventually(() => expect(reached).toBe(true));
    await zombie.cut();
    const createProcessor = (): PartitionProcessor => copier(output, true);
    await log.process({ group, topics: [input], createProcessor });
    await eventually(async () => expect(valuesOf(await readAll(log, output))).toEqual(['0']));
    held.open();
    await eventually(() => expect(resumed).toBe(true));
    await log.append([record(input, 'a', '1')]);
    await eventually(async () => expect((await readAll(log, output)).length).toBeGreaterThan(1));
    expect(valuesOf(await readAll(log, output)).filter((value) => value !== '1')).toEqual(['0']);
    expect(await log.committedOffsets(group, input)).toEqual(await log.endOffsets(input));
  });

  it('answers a processor behind another client', async () => {
    const site = await siteFor(engine);
    const log = await openFor(site);
    const client = await site.connect();
    const [input, output] = [await topicFor(log), await topicFor(log)];
    const seen: LogRecord[] = [];
    const consumer = await client.log.process({
      group: unique('group'),
      topics: [input],
      createProcessor: () => {
        const processor = copier(output, true);
        return {
          handle: (records) => {
            seen.push(...records);
            return processor.handle(records);
          },
          outputs: () => processor.outputs(),
        };
      },
    });
    await log.append(numbered(input, 100));
    await eventually(async () => expect(numbersOf(await readAll(log, output))).toEqual(upTo(100)));
    expect(numbersOf(seen)).toEqual(upTo(100));
    await consumer.stop();
    await client.cut();
  });
}
