/** `POST /dead-letters/{id}/requeue`: the record goes back to where it came from. `POST …/skip`: it is given up for good. */

import { supportGiver } from '@tidings/service-kit/access/order-giver.ts';
import { notFound, Problem } from '@tidings/service-kit/http/problem.ts';
import type { RequestHandler } from 'express';
import { aboutWork, type WorkLetter } from '../../orders/orders.ts';
import { type ChunkOrderParts, refuseWhenOld } from '../imports/import-command.ts';
import { sendOrder } from './support-request.ts';

export function actOnDeadLetter(parts: ChunkOrderParts, action: 'requeue' | 'skip'): RequestHandler {
  const { orders } = parts;
  return async (request, response) => {
    const giver = supportGiver(request);
    // The slashes of an id may come encoded, as one segment, or as they are.
    const letter = await orders.deadLetter([request.params.id].flat().join('/'));
    if (letter === undefined) throw notFound();
    if (action === 'requeue') await refuseWhenForgotten(parts, letter);
    sendOrder(response, await orders.orderLetters(action, [letter], giver));
  };
}

/** Refuses what belongs to an import whose ledger may be gone. A record that names no import has none. */
async function refuseWhenForgotten(
  { reader, retentionDays }: ChunkOrderParts,
  letter: WorkLetter,
): Promise<void> {
  const { importId } = aboutWork(letter);
  if (importId === undefined) return;
  const found = await reader.find(importId);
  if (found === null)
    throw new Problem('state_conflict', 'Its import is no longer kept. The dead letter can be skipped.');
  refuseWhenOld(found.state, retentionDays);
}
