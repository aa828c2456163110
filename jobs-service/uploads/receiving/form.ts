/** Reads the form of an upload by multer: the fields, then one part named `file`. Whatever is wrong with a form becomes a `Problem`. */

import type { Writable } from 'node:stream';
import type { UploadFields } from '@tidings/contracts/files/upload.ts';
import { MAX_FORM_FIELD_BYTES } from '@tidings/contracts/limits.ts';
import { previewFieldsSchema } from '@tidings/contracts/schemas/files/preview.ts';
import { uploadFieldsSchema } from '@tidings/contracts/schemas/files/upload.ts';
import { toLine } from '@tidings/contracts/text.ts';
import { check } from '@tidings/service-kit/http/mistakes.ts';
import { nearestNames } from '@tidings/service-kit/http/nearest-names.ts';
import { Problem, toProblem } from '@tidings/service-kit/http/problem.ts';
import type { Request, Response } from 'express';
import multer, { MulterError, type StorageEngine } from 'multer';
import type { z } from 'zod';
import type { UploadBody } from './body.ts';

/** Fields of a form besides the file, and bytes of the name of one, at most. */
const MAX_FIELDS = 16;
const MAX_FIELD_NAME = 100;

/** Reads the whole form; rejects with a Problem as soon as something is wrong with it. */
export type ReadForm = (body: UploadBody, response: Response) => Promise<void>;

/** `streamHandler` is in multer 2.5, and not yet in its types. */
type FormOptions = multer.Options & { streamHandler(body: UploadBody, form: Writable): void };

/** @param receiveFile receives the file while its bytes come */
export function createFormReader(
  receiveFile: (body: object, file: Express.Multer.File) => Promise<unknown>,
): ReadForm {
  const storage: StorageEngine = {
    _handleFile(body, file, done) {
      receiveFile(body, file).then(() => done(null, {}), done);
    },
    _removeFile(_body, _file, done) {
      done(null);
    },
  };
  const options: FormOptions = {
    storage,
    limits: {
      files: 1,
      fields: MAX_FIELDS,
      parts: MAX_FIELDS + 2,
      fieldNameSize: MAX_FIELD_NAME,
      fieldSize: MAX_FORM_FIELD_BYTES,
      headerPairs: 20,
      // Without the next two limits a field named `mapping[9999999]` makes an array of that length.
      fieldNestingDepth: 0,
      fieldArrayIndexLimit: 0,
    },
    defParamCharset: 'utf8',
    streamHandler(body, form) {
      form.on('field', (name?: string) => refuseAfterFile(body, name));
      // Multer unpipes a malformed form, and would then wait for the rest of the body.
      form.once('unpipe', () => setImmediate(() => body.destroy()));
      body.pipe(form);
    },
  };
  const multipart = multer(options).single('file');
  return (body, response) =>
    new Promise((resolve, reject) => {
      // Multer reads nothing of a request but its headers and its bytes.
      multipart(body as unknown as Request, response, (error?: unknown) => {
        if (error === undefined) resolve();
        else reject(toFormProblem(error));
      });
    });
}

function refuseAfterFile(body: UploadBody, name: string | undefined): void {
  if (!body.hasFile) return;
  const message = `The field \`${name}\` came after the file: send every field before it.`;
  body.destroy(new Problem('field_after_file', message, { field: name }));
}

/** @throws Problem invalid_request, naming the field */
export function readFields(body: unknown): UploadFields {
  return checkFields(body, uploadFieldsSchema);
}

/** @throws Problem invalid_request, naming the field */
export function checkFields<Fields>(body: unknown, schema: z.ZodType<Fields>): Fields {
  const { mapping, ...rest } = body as Record<string, unknown>;
  for (const [name, value] of Object.entries(body as Record<string, unknown>)) {
    if (isAdded(name)) continue;
    refuseUnknown(name);
    if (typeof value !== 'string')
      throw new Problem('invalid_request', `The field \`${name}\` came more than once.`, { field: name });
  }
  const checked = check(schema, {
    ...rest,
    ...(mapping === undefined ? {} : { mapping: parseMapping(String(mapping)) }),
  });
  if ('value' in checked) return checked.value;
  const [field = 'file', ...within] = checked.mistake.path;
  const { words } = checked.mistake;
  const place = within.length === 0 ? 'it' : `“${toLine(within.join('.'), MAX_SHOWN_NAME)}”`;
  const message = `The field \`${field}\` is not valid: ${words.startsWith('it ') ? words : `${place} ${words}`}.`;
  throw new Problem('invalid_request', message, { field });
}

/** Characters of a name that a refusal repeats, at most. */
const MAX_SHOWN_NAME = 100;

/** The fields of uploads and previews: a page may send one form to both. */
const knownFields: readonly string[] = Object.keys(previewFieldsSchema.shape);

/** What browsers and frameworks add to forms: names with `_` before them, submit buttons, and tokens against forged requests. */
const ADDED = /^(_.*|utf8|submit|commit|csrf.*|authenticity_token)$/is;

/** Whether a name is passed over; those of properties of every object are not. */
function isAdded(name: string): boolean {
  return ADDED.test(name) && !(name in Object.prototype);
}

/** `dryrn` in place of `dryRun` would import in earnest, and `defaultContry` in the wrong country. */
function refuseUnknown(name: string): void {
  if (knownFields.includes(name)) return;
  const [nearest = ''] = nearestNames(name, knownFields, 1);
  const message = `The field \`${toLine(name, MAX_SHOWN_NAME)}\` is not known. The nearest is \`${nearest}\`; there are ${knownFields.join(', ')}, and the file itself.`;
  throw new Problem('invalid_request', message, { field: toLine(name, MAX_SHOWN_NAME) });
}

function parseMapping(mapping: string): unknown {
  const field = 'mapping';
  try {
    return JSON.parse(mapping);
  } catch {
    const message = `The field \`mapping\` is not JSON. It is written \`{"Telefon":"phone"}\`.`;
    throw new Problem('invalid_request', message, { field });
  }
}

/** Busboy's message for a form that ends before its last boundary. */
const UNEXPECTED_END = 'Unexpected end of form';

/** What is wrong with a form that multer could not read. */
export function toFormProblem(error: unknown): Problem {
  if (error instanceof MulterError) return toMulterProblem(error);
  const problem = toProblem(error);
  if (problem.code !== 'internal' || error instanceof Problem) return problem;
  // All other errors of busboy are about malformed forms, which the sender can mend.
  const cause = { cause: error };
  if ((error as Error).message === UNEXPECTED_END) {
    const message = 'The form ended before its closing boundary. Send the file again.';
    return new Problem('upload_broken_off', message, {}, cause);
  }
  return new Problem('invalid_request', 'The form is not multipart/form-data as it should be.', {}, cause);
}

/** By the codes of multer. */
const wordsOfLimits: Readonly<Record<string, string>> = {
  LIMIT_PART_COUNT: `It has more than ${MAX_FIELDS} fields and a file`,
  LIMIT_FIELD_COUNT: `It has more than ${MAX_FIELDS} fields`,
  LIMIT_FILE_COUNT: 'It has more than one file: send one',
  LIMIT_FIELD_KEY: `The name of a field has more than ${MAX_FIELD_NAME} bytes`,
  LIMIT_FIELD_NESTING: 'The name of a field holds brackets',
  LIMIT_FIELD_ARRAY_INDEX: 'The name of a field holds brackets',
  LIMIT_FIELD_VALUE: `A field has more than ${MAX_FORM_FIELD_BYTES} bytes`,
  MISSING_FIELD_NAME: 'A part has no name',
};

function toMulterProblem(error: MulterError): Problem {
  if (error.code !== 'LIMIT_UNEXPECTED_FILE') {
    const words = wordsOfLimits[error.code] ?? 'It is not written as a form should be';
    const field = error.field === undefined ? undefined : toLine(error.field, MAX_SHOWN_NAME);
    return new Problem('invalid_request', `The form is not as expected. ${words}.`, { field });
  }
  const message = `The file came in a part named \`${error.field}\`: name it \`file\`, and send one.`;
  return new Problem('no_file', message, { field: 'file' });
}
