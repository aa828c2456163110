/** The HTTP API of webhooks: which handler answers which method at which address. An owner sees the own endpoints, support all. */
import { authenticateCaller, callerOf } from '@tidings/service-kit/access/authenticate.ts';
import { readReason } from '@tidings/service-kit/access/order-giver.ts';
import { readJsonBody } from '@tidings/service-kit/http/json-body.ts';
import { notFound } from '@tidings/service-kit/http/problem.ts';
import { createRouter } from '@tidings/service-kit/http/router.ts';
import type { RequestHandler, Router } from 'express';
import { listDeliveries, orderDelivery } from './deliveries.ts';
import type { WebhookRouteParts } from './own-endpoint.ts';
import {
  deleteWebhook,
  listWebhooks,
  postWebhook,
  rotateWebhook,
  testWebhook,
  unblockWebhook,
} from './webhooks.ts';

/** Bytes of a body: an address and some types. */
const MAX_BODY_BYTES = 16 * 1024;

export function createWebhookRouter(parts: WebhookRouteParts): Router {
  const router = createRouter();
  const caller: RequestHandler[] = [authenticateCaller(parts.tokens, parts.rates), ownersAndSupport];
  const orders: RequestHandler[] = [...caller, readReason];
  // Both answer with a secret: whoever has it signs in the owner's name.
  router.post('/webhooks', caller, ownersAlone, readJsonBody(MAX_BODY_BYTES), postWebhook(parts));
  router.get('/webhooks', caller, listWebhooks(parts));
  router.delete('/webhooks/:webhookId', orders, deleteWebhook(parts));
  router.post('/webhooks/:webhookId/test', orders, testWebhook(parts));
  router.post('/webhooks/:webhookId/rotate', caller, ownersAlone, rotateWebhook(parts));
  router.post('/webhooks/:webhookId/unblock', orders, unblockWebhook(parts));
  router.get('/webhooks/:webhookId/deliveries', caller, listDeliveries(parts));
  router.post('/webhooks/:webhookId/deliveries/:deliveryId/resend', orders, orderDelivery(parts, 'resend'));
  router.post('/webhooks/:webhookId/deliveries/:deliveryId/skip', orders, orderDelivery(parts, 'skip'));
  return router;
}

/** Answers support, too, as if the address did not exist. */
const ownersAlone: RequestHandler = (_request, response, next) => {
  if (callerOf(response).owner === null) throw notFound();
  next();
};

/** Answers services that publish as if the address did not exist. */
const ownersAndSupport: RequestHandler = (_request, response, next) => {
  const { owner, bearer } = callerOf(response);
  if (owner === null && bearer?.kind !== 'support') throw notFound();
  next();
};
