/** `GET /limits`: what a file may hold on this installation, so that pages and clients name the limits that the server enforces. */
import type { Limits, UploadLimits } from '@tidings/contracts/files/upload.ts';
import type { RequestHandler } from 'express';

export function getLimits(upload: UploadLimits): RequestHandler {
  const limits: Limits = { upload };
  return (_request, response) => {
    // A restart may change the limits, so a client asks each time; its `ETag` makes the answer a 304.
    response.set('Cache-Control', 'public, no-cache').json(limits);
  };
}
