/** `GET /audit`: what people ordered, newest first; the last 10,000 orders of at most a year, or those of them that are looked for. */
import { listAuditQuerySchema } from '@tidings/contracts/schemas/services/support.ts';
import type { AuditItem } from '@tidings/contracts/services/support.ts';
import { readsQuery } from '@tidings/service-kit/http/query.ts';
import type { RequestHandler } from 'express';
import type { z } from 'zod';
import { type Orders, toAuditItem } from '../../orders/orders.ts';
import { readNumberCursor } from './support-request.ts';

type AuditQuery = Omit<z.output<typeof listAuditQuerySchema>, 'cursor' | 'limit'>;

export function listAudit({ journal }: Orders): RequestHandler {
  return readsQuery(listAuditQuerySchema, async ({ cursor, limit, ...query }, _request, response) => {
    const { items, next } = await journal.list({
      ...{ before: readNumberCursor(cursor), limit },
      matches: (entry) => isLookedFor(toAuditItem(entry), query),
    });
    response.json({ items: items.map(toAuditItem), nextCursor: next === null ? null : String(next) });
  });
}

function isLookedFor({ target, reason, ...item }: AuditItem, { q = '', ...query }: AuditQuery): boolean {
  const text = q.toLowerCase();
  return (
    (query.action === undefined || item.action === query.action) &&
    (query.who === undefined || item.who === query.who) &&
    (query.importId === undefined || item.importId === query.importId) &&
    (target.toLowerCase().includes(text) || reason.toLowerCase().includes(text))
  );
}
