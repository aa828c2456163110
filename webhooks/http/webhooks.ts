/** `/webhooks`: registers, lists, tests and removes endpoints. */

import { WEBHOOK_TEST_TYPE, type WebhookBody } from '@tidings/contracts/owners/webhooks.ts';
import { createWebhookBodySchema } from '@tidings/contracts/schemas/owners/webhooks.ts';
import { callerOf, refuseRevoked } from '@tidings/service-kit/access/authenticate.ts';
import { parse } from '@tidings/service-kit/http/parse.ts';
import { notFound, Problem } from '@tidings/service-kit/http/problem.ts';
import type { RequestHandler } from 'express';
import { v7 as uuidv7 } from 'uuid';
import { encodeWebhookCommand } from '../deliveries/delivery-records.ts';
import { checkUrl, ForbiddenAddressError, hostOf, resolveAllowed } from '../sending/addresses.ts';
import { ownEndpoint, type WebhookRouteParts } from './own-endpoint.ts';
import { noteFor } from './support-orders.ts';
import { toWebhook } from './webhook-views.ts';

export function postWebhook(parts: WebhookRouteParts): RequestHandler {
  return async (request, response) => {
    const { owner } = callerOf(response);
    if (owner === null) throw notFound();
    const { url, types } = parse(createWebhookBodySchema, request.body ?? {});
    await checkAddress(url, parts);
    // Whose name answers late may have been erased meanwhile.
    refuseRevoked(response);
    const { endpoint, secret } = await parts.endpoints.register(owner, url, [...new Set(types)]);
    response.status(201).location(`/webhooks/${endpoint.id}`);
    response.json({ ...toWebhook(endpoint, parts.states, false), secret });
  };
}

export function listWebhooks({ endpoints, states }: WebhookRouteParts): RequestHandler {
  return async (_request, response) => {
    const { owner } = callerOf(response);
    await Promise.all([endpoints.catchUp(), states.catchUp()]);
    const found = owner === null ? endpoints.all() : endpoints.ofOwner(owner);
    response.json({ items: found.map((endpoint) => toWebhook(endpoint, states, owner === null)) });
  };
}

export function deleteWebhook(parts: WebhookRouteParts): RequestHandler {
  return async (request, response) => {
    const note = noteFor(parts, request, response);
    const { id } = await ownEndpoint(parts, request, response);
    await note('remove_webhook', `webhook/${id}`);
    const removed = encodeWebhookCommand(id, { type: 'remove' });
    // A process that is killed in between leaves an endpoint that can be removed again, and no deliveries of none.
    await parts.log.append([removed]);
    await parts.endpoints.remove(id);
    // An outcome may have come to it meanwhile.
    await parts.log.append([removed]);
    response.status(204).end();
  };
}

/** The test stands in the line like every delivery; what blocks the line is tried at once, before it. */
export function testWebhook(parts: WebhookRouteParts): RequestHandler {
  return async (request, response) => {
    const note = noteFor(parts, request, response);
    const { id, owner } = await ownEndpoint(parts, request, response);
    await note('test_webhook', `webhook/${id}`);
    const timestamp = new Date().toISOString();
    const data = { webhookId: id, message: 'This is a test of your webhook.' };
    const body = JSON.stringify({ type: WEBHOOK_TEST_TYPE, timestamp, data } satisfies WebhookBody);
    const delivery = { id: uuidv7(), owner, type: WEBHOOK_TEST_TYPE, subject: id, body };
    await parts.log.append([
      encodeWebhookCommand(id, { type: 'unblock' }),
      encodeWebhookCommand(id, { type: 'add', delivery }),
    ]);
    response.status(202).json({ deliveryId: delivery.id });
  };
}

export function rotateWebhook(parts: WebhookRouteParts): RequestHandler {
  return async (request, response) => {
    const endpoint = await ownEndpoint(parts, request, response);
    const secret = await parts.endpoints.rotate(endpoint.id);
    response.json({ ...toWebhook(endpoint, parts.states, false), secret });
  };
}

export function unblockWebhook(parts: WebhookRouteParts): RequestHandler {
  return async (request, response) => {
    const note = noteFor(parts, request, response);
    const { id } = await ownEndpoint(parts, request, response);
    await note('unblock_webhook', `webhook/${id}`);
    await parts.log.append([encodeWebhookCommand(id, { type: 'unblock' })]);
    response.status(202).json({});
  };
}

/** A name that has no address now may have one later; then it is checked again. @throws Problem invalid_request */
async function checkAddress(text: string, { rules }: WebhookRouteParts): Promise<void> {
  try {
    await resolveAllowed(hostOf(checkUrl(text, rules)), rules);
  } catch (error) {
    if (!(error instanceof ForbiddenAddressError)) return;
    throw new Problem('invalid_request', `\`url\`: ${error.message}`, { field: 'url' });
  }
}
