import { z } from 'zod';
import type { WaitingRequest } from '../../services/requests.ts';
import { MAX_REPLY_HEADERS } from '../../services/requests.ts';
import { namedValues } from '../values/named-values.ts';
import { schemaOf } from '../values/schema-of.ts';
import { lineSchema } from '../values/text.ts';

const lease = lineSchema(2_000).min(1);
/** A media type, with parameters or without (RFC 9110, 8.3.1). */
export const MEDIA_TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+ ?(?:;[\x20-\x7e]*)?$/;

const contentType = z.string().max(200).regex(MEDIA_TYPE, { error: 'must be a media type' });
const headerName = z.string().regex(/^[A-Za-z0-9-]{1,100}$/, { error: 'must be letters, digits and -' });

/** `POST /requests/{service}/take`. */
export const takeRequestSchema = z.strictObject({
  lane: z.enum(['normal', 'heavy']).optional(),
  wait: z.int().min(0).max(60).default(20),
});

/** `POST /requests/{id}/renew`. */
export const renewLeaseSchema = z.strictObject({ lease });

/** What a request or a reply holds. */
export const requestContentSchema = z.union(
  [
    z.strictObject({ json: z.unknown() }),
    z.strictObject({ text: z.string() }),
    z.strictObject({ base64: z.base64(), contentType }),
    z.strictObject({
      fields: namedValues(z.string(), z.string()).optional(),
      file: z.strictObject({ name: lineSchema(255), contentType, base64: z.base64() }),
    }),
  ],
  {
    error:
      'must be {"json": …}, {"text": "…"}, {"base64": "…", "contentType": "…"}, or ' +
      '{"fields": {name: "text"}, "file": {"name": "…", "contentType": "…", "base64": "…"}}',
  },
);

/** `POST /requests/{id}/reply`. */
export const requestReplySchema = z.strictObject({
  lease,
  status: z
    .int()
    .min(200)
    .max(599)
    .refine((status) => status !== 202, { error: 'must not be 202: it tells callers to wait on' })
    .refine((status) => status !== 304, { error: 'must not be 304: no caller has named what it holds' }),
  headers: z
    .record(headerName, lineSchema(2_000))
    .refine((headers) => Object.keys(headers).length <= MAX_REPLY_HEADERS, {
      error: `must be ${MAX_REPLY_HEADERS} at most`,
    })
    .optional(),
  body: requestContentSchema,
});

const name = z.string().min(1).max(200);
const wholeNumber = z.string().regex(/^\d{1,15}$/);

/** Headers of a record of `requestTopics.normal` and `.heavy`; those of the caller stand beside them. */
export const requestHeadersSchema = z.object({
  'request-id': name,
  'request-service': name,
  'request-method': name,
  'request-deadline': wholeNumber.describe('Milliseconds since 1970: afterwards nobody waits.'),
  'reply-to': name.describe('The key of the reply.'),
  'correlation-id': name.optional(),
  'file-name': z.string().optional(),
  fields: z.string().optional().describe('Beside a file: the fields, as JSON.'),
});

/** Headers of a record of `requestTopics.replies`; those of the answer stand beside them. */
export const replyHeadersSchema = z.object({
  'request-id': name,
  'correlation-id': name.optional(),
  'reply-status': z
    .string()
    .regex(/^[2-5]\d\d$/)
    .describe('An HTTP status: 200 to 599; 202 and 304 read as 200.'),
  'content-type': contentType.optional(),
});

/** What stands on `topics.watchedRequests` by the id of the request, in JSON. */
export const watchedRequestSchema = z.object({
  replyTo: z.string().describe('The instance that took the request.'),
  correlationId: z.string(),
  deadline: z.number().describe('Milliseconds since 1970.'),
  caller: z
    .string()
    .default('')
    .describe('Whose share of the watched requests it is; records of earlier builds have none.'),
});

export const waitingRequestSchema = schemaOf<WaitingRequest>()(
  z.object({ requestId: z.string() }).readonly(),
);

/** A `TakenRequest`. */
export const takenRequestSchema = z.object({
  requestId: z.string(),
  method: z.string(),
  lane: z.enum(['normal', 'heavy']),
  attempt: z.int().min(1),
  headers: z.record(z.string(), z.string()),
  body: requestContentSchema,
  lease: z.string(),
  leaseEndsAt: z.iso.datetime(),
  deadline: z.iso.datetime(),
});
