/** `GET /audit`: what people ordered, newest first; the last 10,000 orders of at most a year. */
import { listQuerySchema } from '@tidings/contracts/schemas/http.ts';
import { parse } from '@tidings/service-kit/http/parse.ts';
import type { RequestHandler } from 'express';
import { type Orders, toAuditItem } from '../../orders/orders.ts';
import { readNumberCursor } from './support-request.ts';

export function listAudit({ journal }: Orders): RequestHandler {
  return async (request, response) => {
    const { cursor, limit } = parse(listQuerySchema, request.query);
    const { items, next } = await journal.list({ before: readNumberCursor(cursor), limit });
    response.json({ items: items.map(toAuditItem), nextCursor: next === null ? null : String(next) });
  };
}
