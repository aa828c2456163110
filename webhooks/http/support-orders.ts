/** What support does to webhooks: it gives a reason, and the audit keeps both. Owners need none, and theirs is not kept. */
import type { UntracedCause } from '@tidings/contracts/event.ts';
import type { WebhookDeliveryState } from '@tidings/contracts/owners/webhooks.ts';
import { controlEvent } from '@tidings/contracts/schemas/services/control-event.ts';
import type { AuditAction } from '@tidings/contracts/services/support.ts';
import { topics } from '@tidings/contracts/topics.ts';
import { encodeNote } from '@tidings/event-log/control/control-records.ts';
import { callerOf } from '@tidings/service-kit/access/authenticate.ts';
import { checkOwnersOrder, supportGiver } from '@tidings/service-kit/access/order-giver.ts';
import type { Request, Response } from 'express';
import type { WebhookRouteParts } from './own-endpoint.ts';

type WebhookAction = Extract<AuditAction, `${string}_webhook` | `${string}_delivery`>;

/**
 * Runs after the reader of JSON bodies, and before anything of the request is looked up.
 * @returns what resolves once the audit holds durably what the caller is about to do
 * @throws Problem invalid_request: support gives no reason, or the body holds something else
 */
export function noteFor({ log }: Pick<WebhookRouteParts, 'log'>, request: Request, response: Response) {
  const giver = callerOf(response).owner === null ? supportGiver(request) : null;
  if (giver === null) checkOwnersOrder(request);
  return async (action: WebhookAction, subject: string, cause?: UntracedCause): Promise<void> => {
    if (giver === null) return;
    await log.append([encodeNote(topics.control, { action, subject, ...giver, event: controlEvent(cause) })]);
  };
}

/** What an order about a delivery is noted with. One about an import stands among the events of that import. */
export function aboutDelivery({
  id: eventId,
  ...delivery
}: WebhookDeliveryState): [subject: string, cause: UntracedCause | undefined] {
  const { endpointId, owner, type, subject, correlationId } = delivery;
  const of = type.startsWith('import.') ? `import/${subject}` : `webhook/${endpointId}`;
  const cause = correlationId === undefined ? undefined : { eventId, correlationId, owner };
  return [`${of}/delivery/${eventId}`, cause];
}
