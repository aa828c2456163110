/** The routes of requests to services. */
import { authenticateCaller } from '@tidings/service-kit/access/authenticate.ts';
import type { RequestRates } from '@tidings/service-kit/access/rates.ts';
import { createRouter } from '@tidings/service-kit/http/router.ts';
import type { Router } from 'express';
import type { Workers } from '../../requests/workers.ts';
import type { HeldAnswers } from '../held-answers.ts';
import { getRequest } from './get-request.ts';
import { type PostRequestParts, postRequest } from './post-request.ts';
import { renewLease, replyToRequest, takeRequest } from './worker-routes.ts';

export interface RequestRouteParts extends PostRequestParts {
  readonly rates: RequestRates;
  readonly workers: Workers;
  /** Of workers alone: callers that wait for them must not take their places. */
  readonly heldTakes: HeldAnswers;
}

export function createRequestRouter(parts: RequestRouteParts): Router {
  const caller = authenticateCaller(parts.tokens, parts.rates);
  const router = createRouter();
  const { workers } = parts;
  // No method has one of these three names.
  router.post('/requests/:service/take', caller, takeRequest(workers, parts.heldTakes));
  router.post('/requests/:requestId/renew', caller, renewLease(workers));
  router.post('/requests/:requestId/reply', caller, replyToRequest(workers));
  router.post('/requests/:service/:method', caller, postRequest(parts));
  router.get('/requests/:requestId', caller, getRequest(parts.requests));
  return router;
}
