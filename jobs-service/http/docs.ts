/** `/docs`: what this server speaks, as a page and for programs. It is made at the first request, and the same for everyone. */
import { asyncApiDocument } from '@tidings/api-docs/asyncapi.ts';
import { openApiDocument } from '@tidings/api-docs/openapi.ts';
import { docsPage } from '@tidings/api-docs/page.ts';
import { docsStyle } from '@tidings/api-docs/page-style.ts';
import { createLenientRouter } from '@tidings/service-kit/http/router.ts';
import type { RequestHandler, Router } from 'express';
import { contentPolicy } from './content-policy.ts';

export function createDocs(): Router {
  const router = createLenientRouter();
  router.use('/docs', contentPolicy());
  router.get('/docs', answer('html', docsPage));
  router.get(
    '/docs/style.css',
    answer('css', () => docsStyle),
  );
  router.get(
    '/docs/openapi.json',
    answer('json', () => JSON.stringify(openApiDocument())),
  );
  router.get(
    '/docs/asyncapi.json',
    answer('json', () => JSON.stringify(asyncApiDocument())),
  );
  return router;
}

/** A release changes it, so a client asks each time; the `ETag` makes it a 304. */
function answer(type: string, make: () => string): RequestHandler {
  let made: string | undefined;
  return (_request, response) => {
    made ??= make();
    response.set('Cache-Control', 'public, no-cache').type(type).send(made);
  };
}
