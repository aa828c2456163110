/** `GET /limits`: what this installation takes. The page names the same limits as the server that enforces them. */
import type { Limits, UploadLimits } from '@tidings/contracts/http.ts';
import type { RequestHandler } from 'express';

export function getLimits(upload: UploadLimits): RequestHandler {
  const limits: Limits = { upload };
  return (_request, response) => {
    // A restart may change the limits: like the pages, the answer is kept and asked for anew, and mostly answered by 304.
    response.set('Cache-Control', 'public, no-cache').json(limits);
  };
}
