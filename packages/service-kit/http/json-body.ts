/** Reads JSON bodies: bounded, and refused where they are not UTF-8. */
import { isUtf8 } from 'node:buffer';
import express, { type RequestHandler } from 'express';

/** @param limit bytes, as in `16kb`; longer ones are refused */
export function readJsonBody(limit: string): RequestHandler {
  return express.json({
    limit,
    verify(_request, _response, body, encoding) {
      // The parser would write U+FFFD for bytes that are not UTF-8.
      if (encoding === 'utf-8' && !isUtf8(body)) throw new Error('The body is not valid UTF-8.');
    },
  });
}
