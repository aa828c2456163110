/** What runs before the routes of every service: the checks of Host and origin, and the headers of every answer. */
import express, { type Express, type RequestHandler } from 'express';
import type { Logger } from 'pino';
import { requireHost } from './hosts.ts';
import { boundLingering, privateHeaders } from './http-server.ts';
import { requireOwnOrigin, shareWithListed } from './origins.ts';
import { answerNotFound, answerProblems } from './problem.ts';
import type { Site } from './site.ts';
import { useSession } from './support-session.ts';

/** Seconds that a browser remembers to come by https alone. */
const HTTPS_ONLY_SECONDS = 365 * 24 * 60 * 60;

export interface HttpAppParts {
  readonly logger: Logger;
  /** Who may use the routes; null: they are for operators, by whatever name. */
  readonly site: Site | null;
  /** Proxies in front whose `X-Forwarded-For` may be believed. */
  readonly trustedProxies: number;
  readonly routes: readonly RequestHandler[];
}

/** Builds an app whose addresses are as exact as those of `createRouter`. */
export function createHttpApp({ logger, site, trustedProxies, routes }: HttpAppParts): Express {
  const app = express()
    .disable('x-powered-by')
    .enable('strict routing')
    .enable('case sensitive routing')
    .set('trust proxy', trustedProxies);
  app.use(boundLingering, sayPrivate(site?.isHttps ?? false), heedConditions);
  if (site !== null)
    app.use(requireHost(site.hosts), shareWithListed(site.origins), requireOwnOrigin(site.origins));
  app.use(useSession);
  return app.use(...routes, answerNotFound, answerProblems(logger));
}

function sayPrivate(isHttps: boolean): RequestHandler {
  return (_request, response, next) => {
    response.set(privateHeaders);
    if (isHttps) response.set('Strict-Transport-Security', `max-age=${HTTPS_ONLY_SECONDS}`);
    next();
  };
}

/** `fetch` adds `Cache-Control: no-cache` to a request with `If-None-Match`: Express would never answer its 304. */
const heedConditions: RequestHandler = ({ headers }, _response, next) => {
  if (headers['if-none-match'] !== undefined) delete headers['cache-control'];
  next();
};
