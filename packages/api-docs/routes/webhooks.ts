/** Webhooks: the routes of their own service. */
import { pageQuerySchema } from '@tidings/contracts/schemas/http.ts';
import {
  createdWebhookSchema,
  createWebhookBodySchema,
  webhookDeliveriesSchema,
  webhookSchema,
} from '@tidings/contracts/schemas/owners/webhooks.ts';
import { reasonBodySchema } from '@tidings/contracts/schemas/services/support.ts';
import { z } from 'zod';
import { type RouteDescription, reasonNeeded } from '../route.ts';

const common = {
  group: 'Webhooks',
  tokens: ['channelToken', 'userToken', 'supportToken'],
  problems: ['unavailable'],
} as const;
const orderProblems = ['invalid_request', 'request_too_large', 'unavailable'] as const;
const deliverySchema = z.object({ deliveryId: z.uuid() });
const ordered = 'It is obeyed a moment later.';
const reason = { schema: reasonBodySchema.partial(), isRequired: false };

export const webhookRoutes: readonly RouteDescription[] = [
  {
    ...{ ...common, method: 'post', path: '/webhooks' },
    tokens: ['channelToken', 'userToken'],
    summary: 'Registers an endpoint for the outcomes of the own imports.',
    body: { schema: createWebhookBodySchema, isRequired: true },
    answers: {
      201: {
        description: 'The endpoint, with its secret, which is never shown again.',
        schema: createdWebhookSchema,
        headers: { Location: 'The address of the endpoint.' },
      },
    },
    problems: ['invalid_request', 'request_too_large', 'state_conflict', 'unavailable'],
  },
  {
    ...{ ...common, method: 'get', path: '/webhooks' },
    summary: 'The own endpoints and how they fare; for support, all.',
    answers: {
      200: { description: 'The oldest first.', schema: z.object({ items: z.array(webhookSchema) }) },
    },
  },
  {
    ...{ ...common, method: 'delete', path: '/webhooks/{webhookId}' },
    summary: `Removes an endpoint and its deliveries. ${reasonNeeded}`,
    body: reason,
    answers: { 204: { description: 'Nothing is sent there any more.' } },
    problems: orderProblems,
  },
  {
    ...{ ...common, method: 'post', path: '/webhooks/{webhookId}/test' },
    summary: `Sends \`webhook.test\`, behind what waits; what blocks the line is tried at once. ${reasonNeeded}`,
    body: reason,
    answers: { 202: { description: ordered, schema: deliverySchema } },
    problems: orderProblems,
  },
  {
    ...{ ...common, method: 'post', path: '/webhooks/{webhookId}/rotate' },
    tokens: ['channelToken', 'userToken'],
    summary: 'A new secret; the former one signs too, for a day.',
    answers: { 200: { description: 'The endpoint, with its new secret.', schema: createdWebhookSchema } },
  },
  {
    ...{ ...common, method: 'post', path: '/webhooks/{webhookId}/unblock' },
    summary: `Tries the next delivery at once, also of an endpoint that is disabled. ${reasonNeeded}`,
    body: reason,
    answers: { 202: { description: ordered, schema: z.object({}) } },
    problems: orderProblems,
  },
  {
    ...{ ...common, method: 'get', path: '/webhooks/{webhookId}/deliveries' },
    summary: 'What waits, and the last 100 deliveries that are over.',
    query: pageQuerySchema,
    answers: { 200: { description: 'The newest first.', schema: webhookDeliveriesSchema } },
    problems: ['invalid_request', 'unavailable'],
  },
  ...(['resend', 'skip'] as const).map(
    (action): RouteDescription => ({
      ...{ ...common, method: 'post', path: `/webhooks/{webhookId}/deliveries/{deliveryId}/${action}` },
      summary:
        action === 'resend'
          ? `Sends a delivery that is over once more, behind what waits, under the same id. ${reasonNeeded}`
          : `Passes over a delivery that waits. ${reasonNeeded}`,
      body: reason,
      answers: { 202: { description: ordered, schema: deliverySchema } },
      problems: [...orderProblems, 'state_conflict'],
    }),
  ),
];
