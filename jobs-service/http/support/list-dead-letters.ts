/** `GET /dead-letters`: the records that were given up, newest first. */
import { listDeadLettersQuerySchema } from '@tidings/contracts/schemas/services/support.ts';
import type { DeadLetterItem } from '@tidings/contracts/services/support.ts';
import { readWholeNumber } from '@tidings/contracts/text.ts';
import { readsQuery } from '@tidings/service-kit/http/query.ts';
import type { RequestHandler } from 'express';
import { aboutWork, type Orders, type WorkLetter } from '../../orders/orders.ts';
import { cursorUnknown } from './support-request.ts';

type Position = Pick<WorkLetter, 'failedAt' | 'id'>;

export function listDeadLetters(orders: Orders): RequestHandler {
  return readsQuery(listDeadLettersQuerySchema, async ({ group, cursor, limit }, _request, response) => {
    const after = cursor === undefined ? null : decodeCursor(cursor);
    const letters = (await orders.deadLetters())
      .filter((letter) => group === undefined || letter.group === group)
      .filter((letter) => after === null || compare(letter, after) > 0)
      .sort(compare);
    const page = letters.slice(0, limit);
    const last = page.at(-1);
    const nextCursor = letters.length > limit && last !== undefined ? encodeCursor(last) : null;
    response.json({ items: page.map(toItem), nextCursor });
  });
}

function toItem({ id, group, origin, key, attempts, error, failedAt }: WorkLetter): DeadLetterItem {
  return {
    ...{ id, group, topic: origin.topic, key, attempts, error },
    failedAt: new Date(failedAt).toISOString(),
    ...aboutWork({ group, key }),
  };
}

/** Newest first, then by id. */
function compare(one: Position, other: Position): number {
  if (one.failedAt !== other.failedAt) return other.failedAt - one.failedAt;
  return one.id < other.id ? -1 : Number(one.id > other.id);
}

function encodeCursor({ failedAt, id }: Position): string {
  return `${failedAt}:${id}`;
}

function decodeCursor(cursor: string): Position {
  const [, time = '', id] = /^(\d+):(.+)$/.exec(cursor) ?? [];
  const failedAt = readWholeNumber(time);
  if (failedAt === null || id === undefined) throw cursorUnknown();
  return { failedAt, id };
}
