/** The web client's files: hashed assets for ever, pages always asked for anew, under a strict content policy. */
import { join } from 'node:path';
import express, { type Router } from 'express';
import helmet from 'helmet';

/** Addresses of pages; one document serves them all. */
const pages = ['/', '/contacts', '/support'];

export function createPages(directory: string): Router {
  const router = express.Router();
  router.use(
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: ["'self'"],
          baseUri: ["'none'"],
          connectSrc: ["'self'", 'ws:', 'wss:'],
          formAction: ["'self'"],
          frameAncestors: ["'none'"],
          imgSrc: ["'self'", 'data:'],
          objectSrc: ["'none'"],
        },
      },
      strictTransportSecurity: false,
    }),
  );
  router.get(pages, (request, response, next) => {
    // `/contacts` is also a resource of the API: whoever prefers a page gets the page.
    response.vary('Accept');
    if (request.path === '/contacts' && request.accepts(['json', 'html']) !== 'html') return next();
    response.set('Cache-Control', 'no-cache').sendFile(join(directory, 'index.html'));
  });
  router.use(
    '/assets',
    express.static(join(directory, 'assets'), { immutable: true, maxAge: '1y', index: false }),
  );
  router.use(express.static(directory, { index: false }));
  return router;
}
