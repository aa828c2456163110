/** Reads what a caller sends to a service, and checks it before anything is queued. */
import { isUtf8 } from 'node:buffer';
import type { RecordHeaders } from '@tidings/event-log/event-log.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';
import express, { type Request, type RequestHandler, type Response } from 'express';
import type { RequestBody } from '../../requests/request-body.ts';
import type { MethodSettings } from '../../requests/request-settings.ts';

/** Headers of a caller that its service gets. */
const passedOn = ['accept', 'accept-language', 'idempotency-key', 'traceparent'] as const;
/** Characters of each, at most; a longer one is left out. */
const MAX_HEADER = 1_000;

/** @throws Problem request_too_large, invalid_request, schema_refused */
export async function readRequestBody(
  request: Request,
  response: Response,
  method: MethodSettings,
  owner: string | null,
): Promise<RequestBody> {
  if (request.is('application/json') !== 'application/json')
    throw new Problem('invalid_request', 'Send the body as JSON, with `Content-Type: application/json`.');
  await run(express.raw({ type: 'application/json', limit: method.maxBodyBytes }), request, response);
  const body: unknown = request.body;
  if (!(body instanceof Uint8Array)) throw new Problem('invalid_request', 'The request has no body.');
  requireTaken(method, parseJson(body));
  return { headers: { ...headersFor(request, owner), 'content-type': 'application/json' }, body };
}

function parseJson(body: Uint8Array): unknown {
  if (!isUtf8(body)) throw new Problem('invalid_request', 'The body is not valid UTF-8.');
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    throw new Problem('invalid_request', 'The body is no JSON.');
  }
}

function requireTaken(method: MethodSettings, value: unknown): void {
  const refusal = method.refuses(value);
  if (refusal === null) return;
  const { field, reason } = refusal;
  const message = field === '' ? `The body ${reason}.` : `\`${field}\`: ${reason}.`;
  throw new Problem('schema_refused', message, { field: field === '' ? undefined : field });
}

function headersFor(request: Request, owner: string | null): RecordHeaders {
  const headers: Record<string, string> = owner === null ? {} : { owner };
  for (const name of passedOn) {
    const value = request.get(name);
    if (value !== undefined && value.length <= MAX_HEADER) headers[name] = value;
  }
  return headers;
}

/** Runs a handler that reads the body. */
function run(handler: RequestHandler, request: Request, response: Response): Promise<void> {
  return new Promise((resolve, reject) => {
    void handler(request, response, (error?: unknown) => (error === undefined ? resolve() : reject(error)));
  });
}
