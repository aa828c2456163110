/** Reads JSON bodies: bounded, and refused where they are not UTF-8, or are said to be anything but JSON. */
import { isUtf8 } from 'node:buffer';
import express, { type RequestHandler } from 'express';
import { boundBody } from './bound-body.ts';
import { Problem } from './problem.ts';

const JSON_TYPES = ['application/json', 'application/*+json'];

/** A request without a body passes. @param mostBytes of a body; a longer one is refused */
export function readJsonBody(mostBytes: number): RequestHandler {
  const parse = express.json({
    type: JSON_TYPES,
    limit: mostBytes,
    verify(_request, _response, body, encoding) {
      // The parser would write U+FFFD for bytes that are not UTF-8.
      if (encoding === 'utf-8' && !isUtf8(body)) throw new Error('The body is not valid UTF-8.');
    },
  });
  const read = boundBody(mostBytes, parse);
  return (request, response, next) => {
    // `is` answers null where there is no body. What is not read must not look as if it had been done.
    const hasBody = request.get('Content-Length') !== '0' && request.is(JSON_TYPES) !== null;
    if (hasBody && request.is(JSON_TYPES) === false) return next(notJson());
    return read(request, response, next);
  };
}

function notJson(): Problem {
  const message = 'Send the body as JSON, with `Content-Type: application/json`.';
  return new Problem('invalid_request', message, { field: 'Content-Type' });
}
