/** Refuses a body that is too long as soon as that is known. Parsers answer once all of it has come, which a sender may never reach. */
import type { Request, RequestHandler } from 'express';
import { Problem } from './problem.ts';

/** @throws Problem `tooLong`, where the request says that its body is longer */
export function requireLength(request: Request, mostBytes: number, tooLong = bodyTooLong(mostBytes)): void {
  if (Number(request.get('Content-Length')) > mostBytes) throw tooLong;
}

/**
 * Runs a parser, and answers before it where more bytes come.
 * @param mostBytes that the parser takes
 * @param parse begins to read in the turn in which it is called; what it says of a body that was refused is dropped
 */
export function boundBody(mostBytes: number, parse: RequestHandler): RequestHandler {
  return (request, response, next) => {
    requireLength(request, mostBytes);
    let bytes = 0;
    let isOver = false;
    const end = (error?: unknown) => {
      if (isOver) return;
      isOver = true;
      request.off('data', count);
      next(error);
    };
    const count = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > mostBytes) end(bodyTooLong(mostBytes));
    };
    // A listener would begin to read what the parser leaves to somebody else.
    if (request.get('Transfer-Encoding') !== undefined) request.on('data', count);
    return parse(request, response, end);
  };
}

function bodyTooLong(mostBytes: number): Problem {
  return new Problem('request_too_large', `The body has more than ${mostBytes} bytes.`);
}
