/** Makes routers with exact addresses, so that neither another case nor a final slash passes by a rule of the proxy. */
import express, { type RequestHandler, type Router } from 'express';
import { refuseUnknownTo } from './query.ts';

const methods = ['get', 'post', 'put', 'patch', 'delete'] as const;

type AddRoute = (path: string, ...handlers: (RequestHandler | RequestHandler[])[]) => Router;

/** Each of its routes refuses the parameters that its handlers do not read by `readsQuery`, before anything else. */
export function createRouter(): Router {
  const router = createLenientRouter();
  for (const method of methods) {
    const add = router[method].bind(router) as AddRoute;
    const addRefusing: AddRoute = (path, ...handlers) => add(path, refuseUnknownTo(handlers), ...handlers);
    router[method] = addRefusing as Router[typeof method];
  }
  return router;
}

/** For pages, documents and health: whatever stands behind the `?` of their addresses means nothing to them. */
export function createLenientRouter(): Router {
  return express.Router({ strict: true, caseSensitive: true });
}
