/** What owners and support see of endpoints and deliveries. */
import type {
  Webhook,
  WebhookDelivery,
  WebhookDeliveryState,
  WebhookEndpoint,
} from '@tidings/contracts/owners/webhooks.ts';
import type { DeliveryStates } from '../deliveries/delivery-states.ts';

export function toWebhook(
  { id, url, types, createdAt, owner }: WebhookEndpoint,
  states: DeliveryStates,
  isForSupport: boolean,
): Webhook {
  const { disabledReason = null, failures = 0, nextAttemptAt = null } = states.endpoint(id) ?? {};
  return {
    ...{ id, url, types, createdAt },
    status: disabledReason !== null ? 'disabled' : failures > 0 ? 'retrying' : 'enabled',
    ...{ disabledReason, failures, nextAttemptAt: toTime(nextAttemptAt) },
    waiting: states.list(id).filter(({ status }) => status === 'waiting').length,
    ...(isForSupport ? { owner } : {}),
  };
}

/** @param headId the delivery that is next at the endpoint */
export function toDelivery(
  delivery: WebhookDeliveryState,
  headId: string | undefined,
  nextAttemptAt: number | null,
): WebhookDelivery {
  const { id, type, subject, status, createdAt, attempts, lastAttemptAt, lastAnswer } = delivery;
  return {
    ...{ id, type, subject, status, attempts, lastAnswer },
    createdAt: new Date(createdAt).toISOString(),
    lastAttemptAt: toTime(lastAttemptAt),
    nextAttemptAt: id === headId ? (toTime(nextAttemptAt) ?? new Date().toISOString()) : null,
  };
}

function toTime(milliseconds: number | null): string | null {
  return milliseconds === null ? null : new Date(milliseconds).toISOString();
}
