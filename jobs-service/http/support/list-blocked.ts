/** `GET /blocked`: the partitions that stand at a record which fails each time. */
import type { BlockedPartitionItem } from '@tidings/contracts/services/support.ts';
import type { RequestHandler } from 'express';
import type { Orders } from '../../orders/orders.ts';

export function listBlocked(orders: Orders): RequestHandler {
  return async (_request, response) => {
    const items = (await orders.blocked.list()).map(
      ({ since, ...blocked }): BlockedPartitionItem => ({ ...blocked, since: new Date(since).toISOString() }),
    );
    // At most one for each group and partition, so there is one page.
    response.json({ items, nextCursor: null });
  };
}
