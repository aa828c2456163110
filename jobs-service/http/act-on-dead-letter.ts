/** `POST /dead-letters/{id}/requeue`: the record goes back to where it came from. `POST …/skip`: it is given up for good. */
import { notFound } from '@tidings/service-kit/http/problem.ts';
import type { RequestHandler } from 'express';
import type { Orders } from '../orders/orders.ts';
import { sendOrder, supportGiver } from './support-request.ts';

export function actOnDeadLetter(orders: Orders, action: 'requeue' | 'skip'): RequestHandler {
  return async (request, response) => {
    const giver = supportGiver(request);
    // The slashes of an id may come encoded, as one segment, or as they are.
    const letter = await orders.deadLetter([request.params.id].flat().join('/'));
    if (letter === undefined) throw notFound();
    sendOrder(response, await orders.orderLetters(action, [letter], giver));
  };
}
