/** Refuses requests for channels while the hub cannot open any. */
import { Problem } from '@tidings/service-kit/http/problem.ts';
import type { RequestHandler } from 'express';

/** @param whyNot a sentence about why no channel can be opened; null where one can */
export function whileReady(whyNot: () => string | null): RequestHandler {
  return (_request, _response, next) => {
    const reason = whyNot();
    if (reason === null) return next();
    throw new Problem('unavailable', reason, { retryAfterSeconds: 1 });
  };
}
