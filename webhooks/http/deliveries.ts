/** `/webhooks/{id}/deliveries`: what was sent and what waits, and orders about it. */
import { pageQuerySchema } from '@tidings/contracts/schemas/http.ts';
import { readWholeNumber } from '@tidings/contracts/text.ts';
import { callerOf } from '@tidings/service-kit/access/authenticate.ts';
import { notFound, Problem } from '@tidings/service-kit/http/problem.ts';
import { readsQuery } from '@tidings/service-kit/http/query.ts';
import type { RequestHandler } from 'express';
import { encodeWebhookCommand } from '../deliveries/delivery-records.ts';
import { ownEndpoint, type WebhookRouteParts } from './own-endpoint.ts';
import { aboutDelivery, noteFor } from './support-orders.ts';
import { toDelivery, toWebhook } from './webhook-views.ts';

/** Newest first, with the endpoint as it stands at the same moment. The cursor is the order below which all of the page lie. */
export function listDeliveries(parts: WebhookRouteParts): RequestHandler {
  return readsQuery(pageQuerySchema, async ({ cursor, limit }, request, response) => {
    const endpoint = await ownEndpoint(parts, request, response);
    const { id } = endpoint;
    const below = cursor === undefined ? Number.POSITIVE_INFINITY : readWholeNumber(cursor);
    if (below === null)
      throw new Problem('invalid_request', 'The cursor is not one of ours.', { field: 'cursor' });
    const { states } = parts;
    await states.catchUp();
    const older = states.list(id).filter(({ order }) => order < below);
    const page = older.slice(0, limit);
    const { nextAttemptAt = null, disabledReason = null } = states.endpoint(id) ?? {};
    const headId = disabledReason === null ? states.head(id)?.id : undefined;
    response.json({
      items: page.map((delivery) => toDelivery(delivery, headId, nextAttemptAt)),
      nextCursor: older.length > limit ? String(page.at(-1)?.order) : null,
      webhook: toWebhook(parts.endpoints.get(id) ?? endpoint, states, callerOf(response).owner === null),
    });
  });
}

/** The order is obeyed a moment after its answer. */
export function orderDelivery(parts: WebhookRouteParts, type: 'resend' | 'skip'): RequestHandler {
  return async (request, response) => {
    const note = noteFor(parts, request, response);
    const { id } = await ownEndpoint(parts, request, response);
    const deliveryId = String(request.params.deliveryId);
    const { states } = parts;
    await states.catchUp();
    const delivery = states.delivery(id, deliveryId);
    if (delivery === undefined) throw notFound();
    const isWaiting = delivery.status === 'waiting';
    if (type === 'skip' && !isWaiting)
      throw conflict(`The delivery is ${delivery.status}, and does not wait.`);
    if (type === 'resend' && isWaiting) throw conflict('The delivery waits already.');
    if (type === 'resend' && (states.endpoint(id)?.disabledReason ?? null) !== null)
      throw conflict('The webhook is disabled: unblock it first.');
    await note(`${type}_delivery`, ...aboutDelivery(delivery));
    await parts.log.append([encodeWebhookCommand(id, { type, deliveryId })]);
    response.status(202).json({ deliveryId });
  };
}

function conflict(message: string): Problem {
  return new Problem('state_conflict', message);
}
