/** Removes the webhooks of an owner who is erased, with all of their deliveries: the webhooks service obeys what stands in the log. */
import { webhookEndpointSchema } from '@tidings/contracts/schemas/webhooks.ts';
import { topics } from '@tidings/contracts/topics.ts';
import type { WebhookCommand } from '@tidings/contracts/webhooks.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Resolves with their number, once no outcome leads to them any more. */
export async function removeWebhooks(log: EventLog, owner: string): Promise<number> {
  const ids = new Set<string>();
  for await (const records of log.read({ topic: topics.webhookEndpoints, from: 'earliest', follow: false }))
    for (const { key, value } of records) {
      if (value === null) ids.delete(key);
      else if (ownerOfEndpoint(value) === owner) ids.add(key);
    }
  for (const key of ids) {
    const value = encoder.encode(JSON.stringify({ type: 'remove' } satisfies WebhookCommand));
    await log.append([{ topic: topics.webhookEndpoints, key, value: null }]);
    await log.append([{ topic: topics.webhookDeliveries, key, value }]);
  }
  return ids.size;
}

/** null where the record is no endpoint. */
function ownerOfEndpoint(value: Uint8Array): string | null {
  try {
    return webhookEndpointSchema.parse(JSON.parse(decoder.decode(value))).owner;
  } catch {
    return null;
  }
}
