/** Commands to the deliveries of endpoints, and their states, as records. */

import type {
  WebhookCommand,
  WebhookDeliveryState,
  WebhookEndpointState,
} from '@tidings/contracts/owners/webhooks.ts';
import {
  webhookCommandSchema,
  webhookDeliveryStateSchema,
  webhookEndpointStateSchema,
} from '@tidings/contracts/schemas/owners/webhooks.ts';
import { topics } from '@tidings/contracts/topics.ts';
import type { LogRecord, NewRecord } from '@tidings/event-log/event-log.ts';
import { Failure } from '@tidings/failures/failure.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function encodeWebhookCommand(endpointId: string, command: WebhookCommand): NewRecord {
  return { topic: topics.webhookDeliveries, key: endpointId, value: encode(command) };
}

/** @throws Failure webhook_unreadable: a later release may have written it */
export function decodeWebhookCommand({ value }: Pick<LogRecord, 'value'>): WebhookCommand {
  const parsed = webhookCommandSchema.safeParse(decode(value));
  if (parsed.success) return parsed.data;
  throw new Failure('webhook_unreadable', 'A command to the deliveries of a webhook cannot be read.');
}

export function deliveryKey(endpointId: string, deliveryId: string): string {
  return `${endpointId}/${deliveryId}`;
}

export function encodeDelivery(delivery: WebhookDeliveryState): NewRecord {
  const key = deliveryKey(delivery.endpointId, delivery.id);
  return { topic: topics.webhookDeliveryStates, key, value: encode(delivery) };
}

export function encodeEndpointState(state: WebhookEndpointState): NewRecord {
  return { topic: topics.webhookDeliveryStates, key: state.endpointId, value: encode(state) };
}

/** Of a delivery, or of an endpoint. */
export function encodeRemoved(key: string): NewRecord {
  return { topic: topics.webhookDeliveryStates, key, value: null };
}

/** @throws where the record is neither */
export function decodeWebhookState({
  value,
}: Pick<LogRecord, 'value'>): WebhookDeliveryState | WebhookEndpointState {
  const json = decode(value);
  const parsed = webhookDeliveryStateSchema.safeParse(json);
  return parsed.success ? parsed.data : webhookEndpointStateSchema.parse(json);
}

function encode(value: object): Uint8Array {
  return encoder.encode(JSON.stringify(value));
}

function decode(value: Uint8Array | null): unknown {
  try {
    return JSON.parse(decoder.decode(value ?? undefined));
  } catch {
    return null;
  }
}
