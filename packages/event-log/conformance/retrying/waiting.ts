/** What becomes of records while they wait for their next attempt. */
import { eventually } from '@tidings/testing/eventually.ts';
import { readAll } from '@tidings/testing/log.ts';
import { expect, it } from 'vitest';
import { ControlJournal } from '../../control/control-journal.ts';
import type { ControlAction } from '../../control/control-records.ts';
import type { EventLog } from '../../event-log.ts';
import { type BegunRange, SETTLED } from '../../retry/begun-records.ts';
import { consumeWithRetry } from '../../retry/consume-with-retry.ts';
import { decodeRetry } from '../../retry/retry-headers.ts';
import { attemptsTopic, retryGroup, retryTopic } from '../../retry/topic-names.ts';
import type { ConformanceEngine } from '../engine.ts';
import { logFor, openFor, record, siteFor, text, topicFor, upTo, valuesOf } from '../fixtures.ts';
import { hour, optionsFor, outputsOf, retriedTopic } from './fixtures.ts';

export function describeRecordsThatWait(engine: ConformanceEngine): void {
  describeWaiting(engine);
  describeWaitingOrders(engine);
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
