/** `POST /blocked/{group}/{topic}/{partition}/retry`: the record is tried at once. `POST …/skip`: exactly that record is passed over. */
import { controlEvent } from '@tidings/contracts/schemas/services/control-event.ts';
import { supportGiver } from '@tidings/service-kit/access/order-giver.ts';
import { notFound } from '@tidings/service-kit/http/problem.ts';
import type { RequestHandler } from 'express';
import type { Orders } from '../../orders/orders.ts';
import { sendOrder } from './support-request.ts';

export function actOnBlocked(orders: Orders, action: 'retry' | 'skip'): RequestHandler {
  return async (request, response) => {
    const { who, reason } = supportGiver(request);
    const place = ['group', 'topic', 'partition'].map((name) => String(request.params[name])).join('/');
    const blocked = (await orders.blocked.list()).find(
      ({ group, topic, partition }) => `${group}/${topic}/${partition}` === place,
    );
    if (blocked === undefined) throw notFound();
    const { group, topic, partition, offset, key } = blocked;
    const target = { kind: 'blocked_partition', group, topic, partition, offset, key } as const;
    sendOrder(response, await orders.journal.give([{ action, target, who, reason, event: controlEvent() }]));
  };
}
