/** Reads JSON bodies: bounded, and refused where they are not UTF-8. */
import { isUtf8 } from 'node:buffer';
import express, { type RequestHandler } from 'express';

/** @param mostBytes of a body; a longer one is refused */
export function readJsonBody(mostBytes: number): RequestHandler {
  return express.json({
    limit: mostBytes,
    verify(_request, _response, body, encoding) {
      // The parser would write U+FFFD for bytes that are not UTF-8.
      if (encoding === 'utf-8' && !isUtf8(body)) throw new Error('The body is not valid UTF-8.');
    },
  });
}
