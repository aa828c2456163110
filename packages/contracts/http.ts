/** Bodies and parameters of the HTTP API. Errors are problem documents (RFC 9457). */
import { z } from 'zod';
import { delimiterSchema, encodingSchema } from './csv.ts';
import { importStatusSchema } from './import.ts';
import { lineSchema, textSchema } from './text.ts';

export const problemSchema = z.object({
  type: z.literal('about:blank'),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string(),
  retriable: z.boolean(),
  /** Where in the file, as an editor counts. */
  line: z.int().optional(),
  /** Which field of the request. */
  field: z.string().optional(),
});
export type ProblemDocument = z.infer<typeof problemSchema>;

export interface CreatedChannel {
  channelId: string;
  token: string;
  epoch: string;
  seq: number;
}

/** `POST /channels`, optional body. */
export const createChannelBodySchema = z.object({ userToken: lineSchema(4096).min(1).optional() });

export interface AcceptedImport {
  importId: string;
  channelId: string;
  channelToken: string;
}

/** Characters of a field of a form, at most: as many as its bytes. */
const MAX_FIELD = 64 * 1024;

/** Fields of `POST /imports`; all before the file. `mapping` is JSON: the header's text to a field or `attributes.<name>`, '' to leave it out. */
export const uploadFieldsSchema = z.object({
  channelId: lineSchema(64).optional(),
  channelToken: lineSchema(4096).optional(),
  encoding: encodingSchema.optional(),
  delimiter: delimiterSchema.optional(),
  mapping: z.record(textSchema(MAX_FIELD), lineSchema(MAX_FIELD)).optional(),
  defaultCountry: z
    .string()
    .regex(/^[A-Za-z]{2}$/)
    .transform((code) => code.toUpperCase())
    .optional(),
  clientReference: lineSchema(200).optional(),
});
export type UploadFields = z.infer<typeof uploadFieldsSchema>;

export interface Page<Item> {
  items: Item[];
  /** Opaque; null on the last page. */
  nextCursor: string | null;
}

const limit = z.coerce.number().int().min(1).max(500).default(50);
/** A cursor may hold an e-mail address of 254 characters of any script. */
const cursor = lineSchema(2_000).min(1).optional();

export const listImportsQuerySchema = z.object({ status: importStatusSchema.optional(), cursor, limit });
export const listContactsQuerySchema = z.object({ query: lineSchema(200).optional(), cursor, limit });
