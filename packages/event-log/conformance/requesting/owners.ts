/** What becomes of requests whose partition moves while they are at work. */
import { eventually } from '@tidings/testing/eventually.ts';
import { expect, it } from 'vitest';
import type { ReceivedRequest } from '../../request-reply/request-records.ts';
import type { Ownership } from '../../retry/record-attempts.ts';
import type { ConformanceEngine } from '../engine.ts';
import { barrier, logFor, text, upTo } from '../fixtures.ts';
import { answer, ask, requested, requesterFor, serve } from './fixtures.ts';

const atOnce = { recordsAtOnce: 4, isOutage: isLeaving };

function isLeaving(error: unknown): boolean {
  return error instanceof Error && error.message === 'leaving';
}

/** Rejects, as in an outage, when the partition is wanted elsewhere. */
function untilWanted({ handover }: Ownership): Promise<never> {
  return new Promise((_, reject) => {
    const leave = () => reject(new Error('leaving'));
    if (handover.aborted) leave();
    handover.addEventListener('abort', leave, { once: true });
  });
}

export function describeOwners(engine: ConformanceEngine): void {
  it('hands on only what is not answered where a member stops in the middle of its work, and counts no attempt', async () => {
    const log = await logFor(engine);
    const place = await requested(log, 1);
    const { requester } = await requesterFor(log, place);
    const sent: Awaited<ReturnType<typeof requester.send>>[] = [];
    for (const number of upTo(6)) sent.push(await requester.send(ask(place, String(number))));
    const first = await serve(
      log,
      place,
      async ({ body }, _deadline, _attempt, ownership) =>
        text(body) === '0' || text(body) === '2' ? untilWanted(ownership) : answer('from the first'),
      atOnce,
    );
    await Promise.all([1, 3, 4, 5].map((number) => sent[number]?.reply));
    await first.worker.stop();
    const handled: [string, number][] = [];
    await serve(
      log,
      place,
      async ({ body }, _deadline, attempt) => {
        handled.push([text(body), attempt]);
        return answer('from the second');
      },
      atOnce,
    );
    const replies = await Promise.all(sent.map(({ reply }) => reply));
    const owners = ['second', 'first', 'second', 'first', 'first', 'first'];
    expect(replies.map(({ body }) => text(body))).toEqual(owners.map((owner) => `from the ${owner}`));
    expect(handled.toSorted()).toEqual(['0', '2'].map((number) => [number, 1]));
  });

  it('tells a handler when another member comes, whose partition it may get, and counts no attempt', async () => {
    const log = await logFor(engine);
    const place = await requested(log, 2);
    const { requester } = await requesterFor(log, place);
    const begun = new Set<number>();
    const wanted = barrier();
    await serve(
      log,
      place,
      async (_request, _deadline, _attempt, ownership) => {
        begun.add(ownership.partition);
        await untilWanted(ownership).catch(wanted.open);
        throw new Error('leaving');
      },
      { ...atOnce, concurrency: 2 },
    );
    // Eight requests in advance may all have ids of one partition, of which the first batch holds one alone.
    await eventually(async () => {
      await requester.send(ask(place, 'anything'));
      expect(begun.size).toBe(2);
    });
    const attempts: number[] = [];
    const handle = async (_request: ReceivedRequest, _deadline: AbortSignal, attempt: number) => {
      attempts.push(attempt);
      return answer('done');
    };
    await serve(log, place, handle, { ...atOnce, concurrency: 2 });
    await wanted.opened;
    await eventually(() => expect(attempts).not.toEqual([]));
    expect(new Set(attempts)).toEqual(new Set([1]));
  });
}
