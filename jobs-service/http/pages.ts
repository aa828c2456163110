/** The web client's files. Assets with a hash in their name are kept for ever, pages are asked for each time; all have a strict content policy. */
import { join } from 'node:path';
import { createRouter } from '@tidings/service-kit/http/router.ts';
import express, { type Router } from 'express';
import { contentPolicy } from './content-policy.ts';

/** Addresses of pages; one document serves them all. */
const pages = ['/', '/contacts', '/support'];
/** In milliseconds. */
const YEAR = 365 * 24 * 60 * 60 * 1000;

export function createPages(directory: string): Router {
  const router = createRouter();
  router.use(contentPolicy());
  router.get(pages, (request, response, next) => {
    // `/contacts` is also a resource of the API: a client that prefers HTML gets the page.
    response.vary('Accept');
    if (request.path === '/contacts' && request.accepts(['json', 'html']) !== 'html') return next();
    response.sendFile(join(directory, 'index.html'), { cacheControl: false });
  });
  router.use('/assets', files(join(directory, 'assets'), `public, max-age=${YEAR / 1000}, immutable`));
  router.use(files(directory, 'public, no-cache'));
  return router;
}

function files(directory: string, cacheControl: string) {
  const setHeaders = (response: express.Response) => response.set('Cache-Control', cacheControl);
  return express.static(directory, { index: false, redirect: false, cacheControl: false, setHeaders });
}
