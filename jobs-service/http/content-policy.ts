/** The strict content policy of everything that a browser shows: nothing comes from another host, and no script stands in a page. */
import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';
import helmet from 'helmet';

export function contentPolicy(): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        baseUri: ["'none'"],
        connectSrc: ["'self'", socketsOf('ws'), socketsOf('wss')],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        imgSrc: ["'self'", 'data:'],
        objectSrc: ["'none'"],
      },
    },
    strictTransportSecurity: false,
  });
}

/** The addresses of the pages' sockets: some browsers do not take `'self'` for `ws:`. */
function socketsOf(scheme: 'ws' | 'wss'): (request: IncomingMessage) => string {
  return ({ headers }) => `${scheme}://${headers.host}`;
}
