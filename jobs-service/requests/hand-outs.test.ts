/** Instances that hand out the requests to one service, on one log. */
import { requestTopics } from '@tidings/contracts/topics.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { encodeReply } from '@tidings/event-log/request-reply/request-records.ts';
import { ServiceRequester } from '@tidings/event-log/request-reply/requester.ts';
import { openTestLog } from '@tidings/testing/log.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import { expect, onTestFinished, test } from 'vitest';
import { HandOuts, type LaneHandedOut } from './hand-outs.ts';
import { planTopicsOf } from './plan-topics.ts';

const never = new AbortController().signal;

/** One partition, and a requester whose requests have their numbers as methods. */
async function start() {
  const log = await openTestLog({ partitions: 1 });
  await log.ensureTopics(planTopicsOf('reports', { partitions: 1, maxRecordBytes: 1_000_000 }));
  const requester = await ServiceRequester.open({ log, topics: requestTopics });
  onTestFinished(() => requester.close());
  const ask = async (numbers: number) => {
    for (let number = 0; number < numbers; number += 1)
      await requester.send({
        ...{ service: 'reports', method: String(number), lane: 'normal', body: new Uint8Array() },
        deadline: Date.now() + 60_000,
      });
  };
  return { log, requester, ask };
}

/** Another instance. */
function instance({ log, requester }: Awaited<ReturnType<typeof start>>) {
  const handOuts = new HandOuts('reports', {
    log,
    logger: silentLogger,
    isAnswered: async (requestId) => (await requester.findReply(requestId)) !== null,
    onDropped: () => undefined,
  });
  onTestFinished(() => handOuts.close());
  const take = async (): Promise<LaneHandedOut> => {
    const taken = await handOuts.take('normal', 30_000, never);
    if (taken === null) throw new Error('nothing was handed out');
    return taken;
  };
  return { handOuts, take, answer: (taken: LaneHandedOut) => answer(log, handOuts, taken) };
}

function answer(log: EventLog, handOuts: HandOuts, { leaseId, request }: LaneHandedOut): Promise<boolean> {
  const reply = encodeReply(requestTopics.replies, request, {
    ...{ status: 200, headers: {}, body: new Uint8Array() },
  });
  return handOuts.settle(leaseId, () => log.append([reply]));
}

test('what was answered is not handed out again where its instance leaves while an older request is not answered', async () => {
  const started = await start();
  await started.ask(4);
  const first = instance(started);
  const taken = [await first.take(), await first.take(), await first.take()];
  expect(taken.map(({ request }) => request.method)).toEqual(['0', '1', '2']);
  for (const one of taken.slice(1)) expect(await first.answer(one)).toBe(true);
  first.handOuts.giveBack(taken[0] as LaneHandedOut);
  await first.handOuts.close();
  const second = instance(started);
  const again = [await second.take(), await second.take()];
  expect(again.map(({ request, attempt }) => [request.method, attempt])).toEqual([
    ['0', 1],
    ['3', 1],
  ]);
});
