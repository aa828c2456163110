/** Makes routers with exact addresses, so that neither another case nor a final slash passes by a rule of the proxy. */
import express, { type Router } from 'express';

export function createRouter(): Router {
  return express.Router({ strict: true, caseSensitive: true });
}
