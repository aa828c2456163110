import { z } from 'zod';
import {
  type CreatedWebhook,
  defaultWebhookTypes,
  MAX_WEBHOOK_URL,
  type PageOfDeliveries,
  type Webhook,
  type WebhookAnswer,
  type WebhookCommand,
  type WebhookDelivery,
  type WebhookDeliveryState,
  type WebhookEndpoint,
  type WebhookEndpointState,
  webhookDeliveryStatuses,
  webhookTypes,
} from '../../owners/webhooks.ts';
import { schemaOf } from '../values/schema-of.ts';
import { lineSchema, ownerSchema } from '../values/text.ts';

const typesSchema = z.array(z.enum(webhookTypes)).min(1).max(webhookTypes.length);

/** `POST /webhooks`. */
export const createWebhookBodySchema = z.strictObject({
  url: lineSchema(MAX_WEBHOOK_URL).min(1),
  types: typesSchema.default([...defaultWebhookTypes]),
});

export const webhookAnswerSchema = schemaOf<WebhookAnswer>()(
  z.object({ status: z.int().nullable(), body: z.string(), error: z.string().nullable() }),
);

const webhookFields = {
  id: z.uuid(),
  url: z.string(),
  types: typesSchema,
  createdAt: z.iso.datetime(),
  status: z.enum(['enabled', 'retrying', 'disabled']),
  disabledReason: z.string().nullable(),
  failures: z.int().min(0),
  nextAttemptAt: z.iso.datetime().nullable(),
  waiting: z.int().min(0),
  owner: ownerSchema.optional(),
};
export const webhookSchema = schemaOf<Webhook>()(z.object(webhookFields));
export const createdWebhookSchema = schemaOf<CreatedWebhook>()(
  z.object({ ...webhookFields, secret: z.string().describe('`whsec_…`; shown this once.') }),
);

export const webhookDeliverySchema = schemaOf<WebhookDelivery>()(
  z.object({
    id: z.uuid(),
    type: z.string(),
    subject: z.string(),
    status: z.enum(webhookDeliveryStatuses),
    createdAt: z.iso.datetime(),
    attempts: z.int().min(0),
    lastAttemptAt: z.iso.datetime().nullable(),
    nextAttemptAt: z.iso.datetime().nullable(),
    lastAnswer: webhookAnswerSchema.nullable(),
  }),
);
export const webhookDeliveriesSchema = schemaOf<PageOfDeliveries>()(
  z.object({
    items: z.array(webhookDeliverySchema),
    nextCursor: z.string().nullable(),
    webhook: webhookSchema.optional(),
  }),
);

export const webhookEndpointSchema = schemaOf<WebhookEndpoint>()(
  z.object({
    id: z.uuid(),
    owner: ownerSchema,
    url: z.string(),
    types: typesSchema,
    createdAt: z.iso.datetime(),
    secrets: z.array(z.object({ sealed: z.string(), until: z.iso.datetime().optional() })),
  }),
);

const deliveryId = z.uuid();
export const webhookCommandSchema = schemaOf<WebhookCommand>()(
  z.union([
    z.object({
      type: z.literal('add'),
      delivery: z.object({
        id: z.uuid(),
        owner: ownerSchema,
        type: z.string(),
        subject: z.string(),
        body: z.string(),
      }),
      because: z.object({ causationId: z.uuid(), correlationId: z.uuid(), at: z.iso.datetime() }).optional(),
    }),
    z.object({
      type: z.literal('attempted'),
      deliveryId,
      attempt: z.int().min(1),
      at: z.int(),
      answer: webhookAnswerSchema,
      retryAfterMs: z.int().min(0).optional(),
      of: z.object({ owner: ownerSchema, subject: z.string(), correlationId: z.uuid() }).optional(),
    }),
    z.object({ type: z.literal('skip'), deliveryId }),
    z.object({ type: z.literal('resend'), deliveryId }),
    z.object({ type: z.literal('unblock') }),
    z.object({ type: z.literal('remove') }),
  ]),
);

export const webhookDeliveryStateSchema = schemaOf<WebhookDeliveryState>()(
  z.object({
    id: z.uuid(),
    endpointId: z.uuid(),
    owner: ownerSchema,
    type: z.string(),
    subject: z.string(),
    body: z.string(),
    correlationId: z.uuid().optional(),
    order: z.int().min(0),
    since: z.int(),
    createdAt: z.int(),
    status: z.enum(webhookDeliveryStatuses),
    attempts: z.int().min(0),
    lastAttemptAt: z.int().nullable(),
    lastAnswer: webhookAnswerSchema.nullable(),
  }),
);

export const webhookEndpointStateSchema = schemaOf<WebhookEndpointState>()(
  z.object({
    endpointId: z.uuid(),
    partition: z.int().min(0),
    disabledReason: z.string().nullable(),
    failures: z.int().min(0),
    nextAttemptAt: z.int().nullable(),
  }),
);
