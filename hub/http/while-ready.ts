/** Refuses requests for channels while the hub cannot open any. */
import { Problem } from '@tidings/service-kit/http/problem.ts';
import type { RequestHandler } from 'express';

export function whileReady(isReady: () => boolean): RequestHandler {
  return (_request, _response, next) => {
    if (isReady()) return next();
    throw new Problem('unavailable', 'The hub is starting or stopping.', { retryAfterSeconds: 1 });
  };
}
