/** Several batches of one partition at once: `batchesAtOnce`, and what retries and requests make of it. */
import { eventually } from '@tidings/testing/eventually.ts';
import { expect, it } from 'vitest';
import type { ConformanceEngine } from './engine.ts';
import { barrier, logFor, numbered, openFor, siteFor, text, topicFor, unique, upTo } from './fixtures.ts';
import { answer, ask, requested, requesterFor, serve } from './requesting/fixtures.ts';

const retry = { initialDelayMs: 5, maxDelayMs: 20 };
const slowest = 3;

export function describeWindows(engine: ConformanceEngine): void {
  // A record that nobody was done with held up all behind it, in batches of sixteen.
  it('goes on behind a batch that is not over, holds no more than so many, and commits behind the oldest', async () => {
    const log = await logFor(engine);
    const topic = await topicFor(log, { partitions: 1 });
    const group = unique('group');
    await log.append(numbered(topic, 60));
    const [together, last] = [barrier(), barrier()];
    const [over, running] = [new Set<number>(), new Set<number>()];
    let most = 0;
    await log.consume({
      ...{ group, topics: [topic], maxBatchRecords: 1, batchesAtOnce: 4 },
      handler: async ([record]) => {
        const number = Number(text(record?.value ?? null));
        running.add(number);
        most = Math.max(most, running.size);
        if (running.size === 4) together.open();
        await together.opened;
        await (number === slowest ? last.opened : new Promise(setImmediate));
        running.delete(number);
        over.add(number);
      },
    });
    await eventually(() => expect(over.size).toBe(59));
    expect([most, over.has(slowest)]).toEqual([4, false]);
    await eventually(async () => expect(await log.committedOffsets(group, topic)).toEqual([slowest]));
    last.open();
    await eventually(async () =>
      expect(await log.committedOffsets(group, topic)).toEqual(await log.endOffsets(topic)),
    );
    expect(over.size).toBe(60);
  });

  it('ends what is in hand where a handler throws, and gives all from the oldest on again; nothing is lost', async () => {
    const log = await logFor(engine);
    const topic = await topicFor(log, { partitions: 1 });
    const group = unique('group');
    await log.append(numbered(topic, 40));
    const failures: number[] = [];
    const handled = new Map<number, number>();
    await log.consume({
      ...{ group, topics: [topic], maxBatchRecords: 1, batchesAtOnce: 8, retry },
      handler: async ([record]) => {
        const number = Number(text(record?.value ?? null));
        if (number === slowest && failures.length < 3) throw new Error('away');
        await new Promise(setImmediate);
        handled.set(number, (handled.get(number) ?? 0) + 1);
      },
      onError: (_error, attempt) => void failures.push(attempt),
    });
    await eventually(async () =>
      expect(await log.committedOffsets(group, topic)).toEqual(await log.endOffsets(topic)),
    );
    expect([...handled.keys()].sort((a, b) => a - b)).toEqual(upTo(40));
    // What was committed comes no more.
    for (const number of upTo(slowest)) expect(handled.get(number)).toBe(1);
    expect(failures).toHaveLength(3);
  });

  it('gives what was handled behind the oldest in hand to the next owner, and nothing before', async () => {
    const site = await siteFor(engine);
    const log = await openFor(site);
    const topic = await topicFor(log, { partitions: 1 });
    const group = unique('group');
    await log.append(numbered(topic, 20));
    const never = barrier();
    const first = new Set<number>();
    const other = await site.connect();
    await other.log.consume({
      ...{ group, topics: [topic], maxBatchRecords: 1, batchesAtOnce: 4 },
      handler: async ([record]) => {
        const number = Number(text(record?.value ?? null));
        if (number === slowest) await never.opened;
        first.add(number);
      },
    });
    await eventually(() => expect(first.size).toBe(19));
    await eventually(async () => expect(await log.committedOffsets(group, topic)).toEqual([slowest]));
    await other.cut();
    const second: number[] = [];
    await log.consume({
      ...{ group, topics: [topic] },
      handler: async (records) => void second.push(...records.map(({ value }) => Number(text(value)))),
    });
    await eventually(() => expect(second).toEqual(upTo(20).slice(slowest)), { withinMs: 60_000 });
  });

  it('answers the requests behind one that nobody answers, and hands that one alone on', async () => {
    const log = await logFor(engine);
    const place = await requested(log, 1);
    const { requester } = await requesterFor(log, place);
    const sent: Awaited<ReturnType<typeof requester.send>>[] = [];
    for (const number of upTo(40)) sent.push(await requester.send(ask(place, String(number))));
    const isSlowest = (body: Uint8Array) => text(body) === String(slowest);
    const first = await serve(
      log,
      place,
      async ({ body }, _deadline, _attempt, { handover }) => {
        if (!isSlowest(body)) return answer('from the first');
        await new Promise((leave) => handover.addEventListener('abort', leave, { once: true }));
        throw new Error('leaving');
      },
      { recordsAtOnce: 4, isOutage: () => true },
    );
    await Promise.all(sent.flatMap(({ reply }, number) => (number === slowest ? [] : [reply])));
    await first.worker.stop();
    const handled: [string, number][] = [];
    await serve(
      log,
      place,
      async ({ body }, _deadline, attempt) => {
        handled.push([text(body), attempt]);
        return answer('from the second');
      },
      { recordsAtOnce: 4 },
    );
    expect(text((await sent[slowest]?.reply)?.body ?? null)).toBe('from the second');
    const { reply } = await requester.send(ask(place, 'one more'));
    await reply;
    expect(handled).toEqual([
      [String(slowest), 1],
      ['one more', 1],
    ]);
  });
}
