/** The routes of requests to services. */
import { authenticateCaller } from '@tidings/service-kit/access/authenticate.ts';
import type { RequestRates } from '@tidings/service-kit/access/rates.ts';
import type { TokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { createRouter } from '@tidings/service-kit/http/router.ts';
import type { Router } from 'express';
import { getRequest } from './get-request.ts';
import { type PostRequestParts, postRequest } from './post-request.ts';

export interface RequestRouteParts extends PostRequestParts {
  readonly tokens: TokenAuthority;
  readonly rates: RequestRates;
}

export function createRequestRouter(parts: RequestRouteParts): Router {
  const caller = authenticateCaller(parts.tokens, parts.rates);
  const router = createRouter();
  router.post('/requests/:service/:method', caller, postRequest(parts));
  router.get('/requests/:requestId', caller, getRequest(parts.requests));
  return router;
}
