/** Routers whose addresses are exact: neither another case nor a slash at the end leads past a rule of a proxy. */
import express, { type Router } from 'express';

export function createRouter(): Router {
  return express.Router({ strict: true, caseSensitive: true });
}
