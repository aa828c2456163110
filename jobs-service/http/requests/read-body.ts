/** Reads what a caller sends to a service, and checks it before anything is queued. */
import { isUtf8 } from 'node:buffer';
import { depthOf } from '@tidings/contracts/schemas/values/json-depth.ts';
import { MAX_REQUEST_DEPTH } from '@tidings/contracts/services/requests.ts';
import { toLine } from '@tidings/contracts/text.ts';
import type { RecordHeaders } from '@tidings/event-log/event-log.ts';
import { AtOnce, enterAll } from '@tidings/service-kit/access/quota.ts';
import { boundBody, requireLength } from '@tidings/service-kit/http/bound-body.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';
import express, { type Request, type RequestHandler, type Response } from 'express';
import multer, { MulterError } from 'multer';
import type { RequestBody } from '../../requests/request-body.ts';
import type { MethodSettings } from '../../requests/request-settings.ts';
import { fileOnLog } from '../../requests/wire-content.ts';
import { toFormProblem } from '../../uploads/receiving/form.ts';

/** Headers of a caller that its service gets. */
const passedOn = ['accept', 'accept-language', 'idempotency-key', 'traceparent'] as const;
/** Characters of such a header, at most; a longer header is left out. */
const MAX_HEADER = 1_000;

export interface AskedMethod {
  readonly method: MethodSettings;
  /** null: whoever has the API key or the support token. */
  readonly owner: string | null;
  /** Whose share of the places for forms it is. */
  readonly caller: string;
}

/**
 * Resolves with what `use` makes of the body. A form keeps its place among those that the process holds until `use` ends.
 * @throws Problem request_too_large, invalid_request, no_file, schema_refused, rate_limited
 */
export async function useRequestBody<Result>(
  request: Request,
  response: Response,
  { method, owner, caller }: AskedMethod,
  use: (body: RequestBody) => Promise<Result>,
): Promise<Result> {
  const isForm = request.is('multipart/form-data') !== false && method.maxFileBytes > 0;
  const leave = isForm ? enterForms(caller) : () => undefined;
  try {
    const { headers, body } = await (isForm ? readForm : readJson)(request, response, method);
    return await use({ headers: { ...headersFor(request, owner), ...headers }, body });
  } finally {
    leave();
  }
}

async function readJson(request: Request, response: Response, method: MethodSettings): Promise<RequestBody> {
  if (request.is('application/json') !== 'application/json') {
    const form = method.maxFileBytes === 0 ? '' : ', or one file as a form with `multipart/form-data`';
    const message = `Send the body as JSON, with \`Content-Type: application/json\`${form}.`;
    throw new Problem('invalid_request', message);
  }
  const { maxBodyBytes } = method;
  const read = express.raw({ type: 'application/json', limit: maxBodyBytes });
  await run(boundBody(maxBodyBytes, read), request, response);
  const body: unknown = request.body;
  if (!(body instanceof Uint8Array)) throw new Problem('invalid_request', 'The request has no body.');
  requireTaken(method, parseJson(body));
  return { headers: { 'content-type': 'application/json' }, body };
}

/** Forms of which a process holds the file at the same time, at most: in all, and of one caller. */
const FORMS_AT_ONCE = 32;
const FORMS_OF_CALLER = 16;
const forms = new AtOnce();

/** @throws Problem rate_limited */
function enterForms(caller: string): () => void {
  return enterAll(
    () => forms.enter(`of ${caller}`, FORMS_OF_CALLER),
    () => forms.enter('all', FORMS_AT_ONCE),
  );
}

/** Bytes of all fields as JSON, at most: they are a header of the record. */
const MAX_FIELD_BYTES = 8 * 1024;
const MAX_FILE_NAME = 255;
/** Bytes of a form beside its file, at most: 16 fields, and the headers of all parts. */
const MAX_FORM_OVERHEAD = 256 * 1024;

async function readForm(request: Request, response: Response, method: MethodSettings): Promise<RequestBody> {
  requireLength(request, method.maxFileBytes + MAX_FORM_OVERHEAD, fileTooLarge(method));
  await run(formReader(method), request, response).catch((error: unknown) => {
    throw tooLarge(error, method) ?? toFormProblem(error);
  });
  const { file, body } = request;
  if (file === undefined)
    throw new Problem('no_file', 'The form holds no part named `file`.', { field: 'file' });
  const fields: Readonly<Record<string, unknown>> = { ...body };
  const repeated = Object.keys(fields).find((name) => typeof fields[name] !== 'string');
  if (repeated !== undefined)
    throw new Problem('invalid_request', 'A field of the form came more than once.', {
      field: toLine(repeated, 100),
    });
  requireRoom(fields);
  requireTaken(method, fields);
  const name = toLine(file.originalname, MAX_FILE_NAME) || 'file';
  const contentType = CONTENT_TYPE.test(file.mimetype) ? file.mimetype : 'application/octet-stream';
  return fileOnLog({ name, contentType, bytes: file.buffer }, fields as Readonly<Record<string, string>>);
}

/** @throws Problem request_too_large */
function requireRoom(fields: object): void {
  if (Buffer.byteLength(JSON.stringify(fields)) > MAX_FIELD_BYTES)
    throw new Problem(
      'request_too_large',
      `The fields of a form have at most ${MAX_FIELD_BYTES} bytes as JSON.`,
    );
}

const CONTENT_TYPE = /^[\x20-\x7e]{1,200}$/;

function formReader({ maxFileBytes }: MethodSettings): RequestHandler {
  return multer({
    storage: multer.memoryStorage(),
    defParamCharset: 'utf8',
    limits: {
      fileSize: maxFileBytes,
      ...{ files: 1, fields: 16, parts: 18, fieldNameSize: 100, headerPairs: 20 },
      fieldSize: MAX_FIELD_BYTES,
      ...{ fieldNestingDepth: 0, fieldArrayIndexLimit: 0 },
    },
  }).single('file');
}

function tooLarge(error: unknown, method: MethodSettings): Problem | null {
  return error instanceof MulterError && error.code === 'LIMIT_FILE_SIZE' ? fileTooLarge(method) : null;
}

function fileTooLarge({ maxFileBytes }: MethodSettings): Problem {
  return new Problem('request_too_large', `The method takes files of at most ${maxFileBytes} bytes.`, {
    field: 'file',
  });
}

function parseJson(body: Uint8Array): unknown {
  if (!isUtf8(body)) throw new Problem('invalid_request', 'The body is not valid UTF-8.');
  if (depthOf(body) > MAX_REQUEST_DEPTH)
    throw new Problem('invalid_request', `The body is nested more than ${MAX_REQUEST_DEPTH} deep.`);
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
