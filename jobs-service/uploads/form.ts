/** Reads the form of an upload by multer: the fields, then one part named `file`. Whatever is wrong with a form becomes a `Problem`. */

import type { Writable } from 'node:stream';
import type { UploadFields } from '@tidings/contracts/http.ts';
import { MAX_FORM_FIELD_BYTES } from '@tidings/contracts/limits.ts';
import { uploadFieldsSchema } from '@tidings/contracts/schemas/http.ts';
import { previewFieldsSchema } from '@tidings/contracts/schemas/preview.ts';
import { foldColumnName } from '@tidings/csv/columns/fold-name.ts';
import { Problem, toProblem } from '@tidings/service-kit/http/problem.ts';
import type { Request, Response } from 'express';
import multer, { MulterError, type StorageEngine } from 'multer';
import type { z } from 'zod';
import type { UploadBody } from './body.ts';

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
      fields: 16,
      parts: 18,
      fieldNameSize: 100,
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
  Object.keys(rest).forEach(refuseMisspelt);
  const parsed = schema.safeParse({
    ...rest,
    ...(mapping === undefined ? {} : { mapping: parseMapping(mapping) }),
  });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = String(issue?.path[0] ?? 'file');
  throw new Problem(
    'invalid_request',
    `The field \`${field}\` is not valid: ${issue?.message ?? 'unknown reason'}.`,
    { field },
  );
}

/** The fields of uploads and previews: a page may send one form to both. */
const fieldByFoldedName: ReadonlyMap<string, string> = new Map(
  [...Object.keys(previewFieldsSchema.shape), 'file'].map((name) => [foldColumnName(name), name]),
);

/** `dryrun` in place of `dryRun` would import in earnest. Other fields that are not known are left alone. */
function refuseMisspelt(name: string): void {
  const known = fieldByFoldedName.get(foldColumnName(name));
  if (known === undefined || known === name) return;
  const message = `The field \`${name}\` is not known: it is written \`${known}\`.`;
  throw new Problem('invalid_request', message, { field: name });
}

function parseMapping(mapping: unknown): unknown {
  const field = 'mapping';
  if (typeof mapping !== 'string')
    throw new Problem('invalid_request', 'The field `mapping` came more than once.', { field });
  try {
    return JSON.parse(mapping);
  } catch {
    throw new Problem('invalid_request', 'The field `mapping` is not JSON.', { field });
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

function toMulterProblem(error: MulterError): Problem {
  if (error.code !== 'LIMIT_UNEXPECTED_FILE')
    return new Problem('invalid_request', `The form is not as expected: ${error.message}.`, {
      field: error.field,
    });
  const message = `The file came in a part named \`${error.field}\`: name it \`file\`, and send one.`;
  return new Problem('no_file', message, { field: 'file' });
}
