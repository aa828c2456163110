/** The web client's files: hashed assets for ever, pages always asked for anew, under a strict content policy. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import express, { type Router } from 'express';
import helmet from 'helmet';

/** Paths that a browser may be sent to; each is a page of its own. */
const pages: Readonly<Record<string, string>> = {
  '/': 'index.html',
  '/contacts': 'contacts.html',
  '/support': 'support.html',
};

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
  for (const [path, file] of Object.entries(pages)) {
    router.get(path, (request, response, next) => {
      // `/contacts` is also a resource of the API: whoever prefers a page gets the page.
      response.vary('Accept');
      if (path !== '/' && request.accepts(['json', 'html']) !== 'html') return next();
      response
        .set('Cache-Control', 'no-cache')
        .sendFile(join(directory, existsSync(join(directory, file)) ? file : 'index.html'));
    });
  }
  router.use(
    '/assets',
    express.static(join(directory, 'assets'), { immutable: true, maxAge: '1y', index: false }),
  );
  router.use(express.static(directory, { index: false }));
  return router;
}
