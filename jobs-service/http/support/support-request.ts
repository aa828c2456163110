/** What the routes of support share: how an order is answered, and cursors. */
import { readWholeNumber } from '@tidings/contracts/text.ts';
import type { ControlRecord } from '@tidings/event-log/control/control-records.ts';
import { notFound, Problem } from '@tidings/service-kit/http/problem.ts';
import type { Response } from 'express';
import { toAuditItem } from '../../orders/orders.ts';

/** The order as the audit lists it. It is obeyed a moment later. */
export function sendOrder(response: Response, [order]: readonly ControlRecord[]): void {
  if (order === undefined) throw notFound();
  response.status(202).json(toAuditItem(order));
}

/** A whole number as a cursor. @throws Problem invalid_request */
export function readNumberCursor(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined;
  const number = readWholeNumber(cursor);
  if (number === null) throw cursorUnknown();
  return number;
}

export function cursorUnknown(): Problem {
  return new Problem('invalid_request', 'The cursor is not one of ours.', { field: 'cursor' });
}
