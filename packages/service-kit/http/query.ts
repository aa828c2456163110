/**
 * What stands behind the `?` of an address. A parameter that a route does not know is refused: `?stauts=failed` would list all
 * imports, and whoever asks would believe that all of them have failed.
 */

import { toLine } from '@tidings/contracts/text.ts';
import type { Request, RequestHandler, Response } from 'express';
import type { z } from 'zod';
import { nearestNames } from './nearest-names.ts';
import { parse } from './parse.ts';
import { Problem } from './problem.ts';

/** What gateways, trackers and those who go round caches add to addresses. No route has a parameter of such a name. */
const ADDED =
  /^(_.*|utm_.*|x-.*|(fb|g)clid|msclkid|(api[-_]?|subscription-)?key|no-?cache|cache-?(buster|bust)|cb|ts?|v)$/i;

/** Characters of a name that a refusal repeats, at most. */
const MAX_SHOWN_NAME = 100;

/** The names that handlers have asked for. */
const namesOf = new WeakMap<object, readonly string[]>();

/** A handler that reads the parameters of a schema; its route refuses all others. @throws Problem invalid_request, where one does not fit */
export function readsQuery<Schema extends z.ZodObject>(
  schema: Schema,
  handle: (query: z.output<Schema>, request: Request, response: Response) => void | Promise<void>,
): RequestHandler {
  const handler: RequestHandler = (request, response) =>
    handle(parse(schema, request.query), request, response);
  namesOf.set(handler, Object.keys(schema.shape));
  return handler;
}

type Handlers = RequestHandler | readonly Handlers[];

/** Refuses the parameters that none of these handlers reads. */
export function refuseUnknownTo(handlers: readonly Handlers[]): RequestHandler {
  const known = knownTo(handlers);
  return ({ query, method }, _response, next) => {
    const unknown = Object.keys(query).find((name) => !known.includes(name) && !ADDED.test(name));
    if (unknown === undefined) return next();
    const shown = toLine(unknown, MAX_SHOWN_NAME);
    throw new Problem('invalid_request', `\`${shown}\` ${wordsOf(unknown, known, method)}.`, {
      field: shown,
    });
  };
}

function knownTo(handlers: readonly Handlers[]): string[] {
  return handlers.flatMap((one) => (typeof one === 'function' ? (namesOf.get(one) ?? []) : knownTo(one)));
}

function wordsOf(name: string, known: readonly string[], method: string): string {
  const [nearest] = nearestNames(name, known, 1);
  if (nearest !== undefined)
    return `is no parameter of this address. The nearest is \`${nearest}\`; there are ${known.map((one) => `\`${one}\``).join(', ')}`;
  const instead = method === 'GET' || method === 'HEAD' ? '' : ': a field belongs into the body';
  return `is no parameter of this address, which has none${instead}`;
}
