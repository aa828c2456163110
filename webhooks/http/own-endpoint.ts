/** What the routes of webhooks share: their parts, and whose an endpoint is. */
import type { WebhookEndpoint } from '@tidings/contracts/owners/webhooks.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { callerOf } from '@tidings/service-kit/access/authenticate.ts';
import type { RequestRates } from '@tidings/service-kit/access/rates.ts';
import type { TokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { notFound } from '@tidings/service-kit/http/problem.ts';
import type { Request, Response } from 'express';
import type { DeliveryStates } from '../deliveries/delivery-states.ts';
import type { Endpoints } from '../endpoints/endpoints.ts';
import type { AddressRules } from '../sending/addresses.ts';

export interface WebhookRouteParts {
  readonly log: Pick<EventLog, 'append'>;
  readonly tokens: TokenAuthority;
  readonly rates: RequestRates;
  readonly endpoints: Endpoints;
  readonly states: DeliveryStates;
  readonly rules: AddressRules;
}

/** The endpoint of the address, where the caller may use it. @throws Problem not_found */
export async function ownEndpoint(
  { endpoints }: Pick<WebhookRouteParts, 'endpoints'>,
  request: Request,
  response: Response,
): Promise<WebhookEndpoint> {
  const { owner } = callerOf(response);
  const id = String(request.params.webhookId);
  // Another instance may have registered it a moment ago.
  if (endpoints.get(id) === undefined) await endpoints.catchUp();
  const endpoint = endpoints.get(id);
  if (endpoint === undefined || (owner !== null && endpoint.owner !== owner)) throw notFound();
  return endpoint;
}
