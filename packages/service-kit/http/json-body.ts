/** Bodies of JSON: bounded, and text as it was written. */
import { isUtf8 } from 'node:buffer';
import express, { type RequestHandler } from 'express';

/** @param limit bytes, as in `16kb`; longer ones are refused */
export function readJsonBody(limit: string): RequestHandler {
  return express.json({
    limit,
    verify(_request, _response, body, encoding) {
      // The parser would put U+FFFD where a letter cannot be read.
      if (encoding === 'utf-8' && !isUtf8(body)) throw new Error('The body is not valid UTF-8.');
    },
  });
}
