/** Receives the beginning of a file, and answers how it is read. The rest of the request is not waited for. */
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import {
  type ImportPreview,
  type MendedByFile,
  PREVIEW_BYTES,
  type PreviewFields,
} from '@tidings/contracts/files/preview.ts';
import type { ImportState } from '@tidings/contracts/imports/import.ts';
import { previewFieldsSchema } from '@tidings/contracts/schemas/files/preview.ts';
import { CsvError } from '@tidings/csv/errors.ts';
import type { CountryLookup } from '@tidings/rows/country-directory.ts';
import type { TokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { boundsItsOwnTime } from '@tidings/service-kit/http/http-server.ts';
import { Problem, toProblem } from '@tidings/service-kit/http/problem.ts';
import type { Request, RequestHandler } from 'express';
import type { ImportReader } from '../imports/import-reader.ts';
import { senderOf } from '../sender.ts';
import type { OwnerSettingsTable } from '../settings/owner-settings.ts';
import { refuseEncoded, UploadBody } from '../uploads/receiving/body.ts';
import { type Authorization, findChannel, readAuthorization } from '../uploads/receiving/channel.ts';
import { checkFields, createFormReader } from '../uploads/receiving/form.ts';
import { UploadPlaces } from '../uploads/receiving/places.ts';
import { findMended, rulesOfMended } from '../uploads/receiving/receive-file.ts';
import { namingSheets, openUploadedText, type UploadedText } from '../uploads/splitting/uploaded-text.ts';
import { toCsvProblem, tooLarge, toUploadProblem } from '../uploads/upload-failures.ts';
import { type FirstBytes, readPreview } from './read-preview.ts';

/** Previews that this process reads at once, at most: each holds a megabyte or two. */
const MAX_PREVIEWS = 8;
/** Bytes of a request besides the file, at most. */
const MULTIPART_OVERHEAD_BYTES = 256 * 1024;

/** How late, silent and slow a sender may be; see `BodyLimits`. */
const PATIENCE = {
  startBytes: MULTIPART_OVERHEAD_BYTES,
  startMs: 10_000,
  idleMs: 10_000,
  paceMs: 10_000,
  bytesPerSecond: 1024,
};

export interface PreviewParts {
  readonly reader: Pick<ImportReader, 'find'>;
  readonly contactStore: Pick<ContactStore, 'countRejectedAt' | 'importLayout'>;
  readonly tokens: TokenAuthority;
  readonly settings: Pick<OwnerSettingsTable, 'get' | 'mappingFor'>;
  readonly countries: CountryLookup;
  /** Bytes of a file that is uploaded, at most. */
  readonly maxBytes: number;
}

/** What is known of a request before its file begins. */
interface Asked {
  readonly body: UploadBody;
  /** As of `UploadPlaces`. */
  readonly sender: string;
  readonly authorization: Authorization;
  /** Of the request, as it says itself; null where it does not. */
  readonly declaredBytes: number | null;
  answer(preview: ImportPreview): void;
}

export function previewImport(parts: PreviewParts): RequestHandler {
  const places = new UploadPlaces(MAX_PREVIEWS, 'previews');
  const asked = new WeakMap<object, Asked>();
  const readForm = createFormReader(async (body, file) => {
    const one = asked.get(body);
    if (one === undefined) throw new Error('a file without its request');
    one.body.hasFile = true;
    one.answer(await previewFile(parts, one, file));
  });
  return async (request, response) => {
    const { leave, ...admitted } = await admit(parts, places, request);
    boundsItsOwnTime(request);
    const body = new UploadBody(request, {
      ...PATIENCE,
      maxBytes: parts.maxBytes + MULTIPART_OVERHEAD_BYTES,
    });
    try {
      const preview = await new Promise<ImportPreview>((answer, refuse) => {
        asked.set(body, { ...admitted, body, answer });
        readForm(body, response).then(() => refuse(noFile()), refuse);
      });
      response.json(preview);
    } catch (error) {
      if (body.isTooSlow) response.set('Connection', 'close');
      throw error;
    } finally {
      body.destroy();
      leave();
    }
  };
}

/** @throws Problem, where the sender may not ask, or not now */
async function admit(
  { tokens, maxBytes }: PreviewParts,
  places: UploadPlaces,
  request: Request,
): Promise<Pick<Asked, 'sender' | 'authorization' | 'declaredBytes'> & { readonly leave: () => void }> {
  const { 'content-length': length } = request.headers;
  const declaredBytes = length === undefined ? null : Number(length);
  if ((declaredBytes ?? 0) > maxBytes + MULTIPART_OVERHEAD_BYTES) throw tooLarge(maxBytes);
  const authorization = await readAuthorization(tokens, request.headers.authorization);
  if (!request.is('multipart/form-data')) throw noFile();
  refuseEncoded(request);
  const owner = tokens.hasLogin && authorization !== null ? authorization.channel.owner : null;
  const sender = senderOf(request, owner);
  return { sender, authorization, declaredBytes, leave: places.take(sender) };
}

/** @throws Problem */
async function previewFile(
  { tokens, reader, contactStore, settings, countries, maxBytes }: PreviewParts,
  { body, sender, authorization, declaredBytes }: Asked,
  file: Express.Multer.File,
): Promise<ImportPreview> {
  const own = checkFields(body.body, previewFieldsSchema);
  const { owner } = await findChannel(tokens, authorization, own);
  const mended = await findMended(reader, owner, own.mends);
  const { columns: mendedColumns, ...rules } = await rulesOfMended(contactStore, mended);
  const fields = { ...rules, ...own };
  // Multer waits for ever where the file's stream was destroyed.
  const stream = file.stream.iterator({ destroyOnReturn: false });
  const source = { sender, file: null };
  const options = { sheet: fields.sheet, maxBytes, source };
  const opened = await openUploadedText(stream, options).catch(throwUploadProblem);
  const { sheet } = opened;
  try {
    const first = await readFirstBytes(opened, fields, declaredBytes).catch(throwUploadProblem);
    const { defaultCountry = settings.get(owner).defaultCountry } = fields;
    const rememberedFor = (header: readonly string[]) => settings.mappingFor(owner, header);
    const choices = { ...fields, defaultCountry, mendedColumns, rememberedFor };
    const { lines, ...preview } = await readPreview(first, choices, countries);
    const mends = mended === null ? null : await meet(contactStore, mended, lines);
    return { sheet: sheet?.name ?? null, sheets: [...(sheet?.names ?? [])], ...preview, mends };
  } catch (error) {
    const problem = error instanceof CsvError ? toCsvProblem(error) : toProblem(error);
    throw namingSheets(problem, sheet);
  } finally {
    await opened.close();
  }
}

async function meet(
  store: PreviewParts['contactStore'],
  { importId, fileName }: ImportState,
  lines: readonly number[] | null,
): Promise<MendedByFile> {
  return {
    importId,
    fileName,
    rowsMet: lines === null ? null : await store.countRejectedAt(importId, lines),
  };
}

function throwUploadProblem(error: unknown): never {
  throw toUploadProblem(error);
}

/** Bytes around a file in its form are few: an estimate may count them. The length of a sheet's text is known at its end alone. */
async function readFirstBytes(
  { text, sheet }: UploadedText,
  { size }: Pick<PreviewFields, 'size'>,
  declaredBytes: number | null,
): Promise<FirstBytes> {
  const parts: Uint8Array[] = [];
  let count = 0;
  for await (const part of text) {
    parts.push(part);
    count += part.length;
    if (count > PREVIEW_BYTES) break;
  }
  const bytes = Buffer.concat(parts).subarray(0, PREVIEW_BYTES);
  const isSheet = sheet !== null;
  // As many bytes as are looked at, of nobody knows how many, are a beginning.
  const whole = isSheet ? count : (size ?? (count === PREVIEW_BYTES ? Number.POSITIVE_INFINITY : count));
  const complete = count <= PREVIEW_BYTES && whole <= count;
  if (isSheet) return { bytes, complete, size: complete ? count : null, isSheet, lastLine: sheet.lastRow() };
  return { bytes, complete, size: size ?? (complete ? count : declaredBytes), isSheet, lastLine: null };
}

function noFile(): Problem {
  const message = 'Send the file, or its beginning, as multipart/form-data, in a part named `file`.';
  return new Problem('no_file', message, { field: 'file' });
}
