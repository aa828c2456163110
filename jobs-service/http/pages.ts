/**
 * The web client's files, as Brotli or gzip where the build has made that and the client takes it. Assets with a hash in their
 * name are kept for ever, pages are asked for each time; all have a strict content policy.
 */
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { Problem } from '@tidings/service-kit/http/problem.ts';
import { createLenientRouter } from '@tidings/service-kit/http/router.ts';
import type { RequestHandler, Router } from 'express';
import compressedFiles from 'express-static-gzip';
import { contentPolicy } from './content-policy.ts';
import { earlyWords } from './early-words.ts';

/** Addresses of pages; one document serves them all. */
const pages = ['/', '/contacts', '/settings/webhooks', '/support', '/support/*place'];
const FOR_EVER = `public, max-age=${365 * 24 * 60 * 60}, immutable`;
const ASKED_EACH_TIME = 'public, no-cache';

export function createPages(directory: string): Router {
  const router = createLenientRouter();
  // `/contacts` is also a resource of the API: a client that prefers HTML gets the page.
  const document = documentOf(directory);
  router.use(contentPolicy());
  router.use(refuseUnreadable);
  router.get(pages, (request, response, next) => {
    response.vary('Accept');
    if (request.path === '/contacts' && request.accepts(['json', 'html']) !== 'html') return next();
    document(request, response, next);
  });
  router.use('/embed/assets', files(join(directory, 'embed', 'assets'), forEveryPage(FOR_EVER)));
  router.use('/embed', files(join(directory, 'embed'), forEveryPage(ASKED_EACH_TIME)));
  router.use('/assets', files(join(directory, 'assets'), keptFor(FOR_EVER)));
  router.use(files(directory, keptFor(ASKED_EACH_TIME)));
  return router;
}

/** For a browser that asks for an address that nothing has answered: the page that says so, with status 404. */
export function createUnknownPage(directory: string): Router {
  const router = createLenientRouter();
  const document = documentOf(directory);
  router.get('/*address', contentPolicy(), (request, response, next) => {
    response.vary('Accept');
    if (request.accepts(['json', 'html']) !== 'html') return next();
    response.status(404);
    document(request, response, next);
  });
  return router;
}

/** The one document, whose answer names the words of the person's language. */
function documentOf(directory: string): RequestHandler {
  const nameWords = earlyWords(directory);
  const vary = 'Accept, Accept-Encoding, Accept-Language';
  const document = files(directory, (response) => response.setHeader('Vary', vary));
  return (request, response, next) => {
    nameWords(request, response);
    request.url = '/index.html';
    document(request, response, next);
  };
}

/** What serves the files would answer such an address by itself, and with no problem document. */
const refuseUnreadable: RequestHandler = ({ path }, _response, next) => {
  try {
    decodeURIComponent(path);
  } catch {
    throw new Problem('invalid_request', 'The address holds a percent sign that stands for no character.');
  }
  next();
};

type SetHeaders = (response: ServerResponse) => unknown;

function keptFor(cacheControl: string): SetHeaders {
  return (response) => response.setHeader('Cache-Control', cacheControl);
}

/** The script of the element, and its parts, run in pages of any origin. They are the same for everyone, and open nothing. */
function forEveryPage(cacheControl: string): SetHeaders {
  return (response) => {
    response.setHeader('Cache-Control', cacheControl);
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
  };
}

/** Serves the files that the folder holds now: it looks for compressed ones once. */
function files(directory: string, setHeaders: SetHeaders) {
  return compressedFiles(directory, {
    enableBrotli: true,
    orderPreference: ['br', 'gzip'],
    index: false,
    serveStatic: { redirect: false, cacheControl: false, setHeaders },
  });
}
