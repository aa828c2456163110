/** Sends requests and works them off in a process that a test kills at a step of an append. */
import { writeSync } from 'node:fs';
import type { EventLog, NewRecord } from '../../event-log.ts';
import { ServiceRequester } from '../../request-reply/requester.ts';
import { serveRequests } from '../../request-reply/serve-requests.ts';
import type { ChildOrders } from '../children/child-orders.ts';
import { stepping } from '../children/stepping-log.ts';

/** The steps at which the process may be told to end: before and after the append of each kind. */
export const requestSteps = ['request', 'attempts', 'reply'].flatMap((kind) => [
  `before-${kind}`,
  `after-${kind}`,
]);

/** Prints the number of each request that was sent. Never resolves. */
export async function requestAndServe(
  log: EventLog,
  orders: ChildOrders,
  onStep: (step: string) => void,
): Promise<never> {
  const { input, output, group: service } = orders;
  const parts = {
    log: stepping(log, (record) => kindOf(record, orders), onStep),
    topics: { normal: input, heavy: input, replies: output },
  };
  const requester = await ServiceRequester.open(parts);
  await serveRequests({
    ...{ ...parts, service, lanes: ['normal'], delaysMs: [20], recordsAtOnce: 3 },
    isOutage: () => false,
    describe: () => ({ code: 'broken', message: 'It is broken.' }),
    handle: async ({ body }) => ({ status: 200, headers: {}, body }),
  });
  let next = orders.first;
  const requestInTurn = async (): Promise<never> => {
    for (;;) {
      const number = next++;
      const body = new TextEncoder().encode(String(number));
      const deadline = Date.now() + 600_000;
      const { reply } = await requester.send({ service, method: 'echo', lane: 'normal', deadline, body });
      // A synchronous write, so that the parent reads every number that was acknowledged.
      writeSync(1, `${number}\n`);
      await reply;
    }
  };
  return Promise.race([requestInTurn(), requestInTurn(), requestInTurn()]);
}

function kindOf({ topic }: NewRecord, { input, output }: ChildOrders): string {
  if (topic === input) return 'request';
  return topic === output ? 'reply' : 'attempts';
}
