/** The webhooks of an owner, as they stand in the log, which alone has them: for an export, and for an erasure. */

import type {
  WebhookCommand,
  WebhookDeliveryState,
  WebhookEndpoint,
} from '@tidings/contracts/owners/webhooks.ts';
import {
  webhookDeliveryStateSchema,
  webhookEndpointSchema,
} from '@tidings/contracts/schemas/owners/webhooks.ts';
import { topics } from '@tidings/contracts/topics.ts';
import type { EventLog, LogRecord } from '@tidings/event-log/event-log.ts';
import type { z } from 'zod';
import { newestRecords } from './newest-records.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export async function* endpointsOf(
  log: Pick<EventLog, 'read'>,
  owner: string,
): AsyncGenerator<WebhookEndpoint> {
  for await (const record of newestRecords(log, topics.webhookEndpoints, isOf(webhookEndpointSchema, owner)))
    yield webhookEndpointSchema.parse(readJson(record));
}

/** Deliveries that wait, and those that are over and still listed. */
export async function* deliveriesOf(
  log: Pick<EventLog, 'read'>,
  owner: string,
): AsyncGenerator<WebhookDeliveryState> {
  const isWanted = isOf(webhookDeliveryStateSchema, owner);
  for await (const record of newestRecords(log, topics.webhookDeliveryStates, isWanted))
    yield webhookDeliveryStateSchema.parse(readJson(record));
}

/**
 * Removes the owner's endpoints with all of their deliveries, and deliveries that were left of an endpoint that is gone: the webhooks service obeys
 * what stands in the log. Resolves with the number of endpoints, once no outcome leads to them any more.
 */
export async function removeWebhooks(log: Pick<EventLog, 'read' | 'append'>, owner: string): Promise<number> {
  const keys = new Set<string>();
  for await (const { id } of endpointsOf(log, owner)) keys.add(id);
  const removed = keys.size;
  for await (const { endpointId } of deliveriesOf(log, owner)) keys.add(endpointId);
  for (const key of keys) {
    const value = encoder.encode(JSON.stringify({ type: 'remove' } satisfies WebhookCommand));
    const command = { topic: topics.webhookDeliveries, key, value };
    // Where this process is killed in between, the same request again finds the endpoint.
    await log.append([command]);
    await log.append([{ topic: topics.webhookEndpoints, key, value: null }]);
    // An outcome may have come to it meanwhile.
    await log.append([command]);
  }
  return removed;
}

/** A record that is none of the schema is nobody's. */
function isOf(schema: z.ZodType<{ owner: string }>, owner: string): (record: LogRecord) => boolean {
  return (record) => {
    const parsed = schema.safeParse(readJson(record));
    return parsed.success && parsed.data.owner === owner;
  };
}

function readJson({ value }: LogRecord): unknown {
  try {
    return JSON.parse(decoder.decode(value ?? undefined));
  } catch {
    return null;
  }
}
