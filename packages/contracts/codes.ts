/** Every stable code that Tidings answers with: what it means, and whether the same request may succeed later. */

export interface ProblemKind {
  /** HTTP status. */
  readonly status: number;
  /** A short description, the same for every occurrence. */
  readonly title: string;
  /** Whether the same request may succeed later. */
  readonly retriable: boolean;
}

/** Codes of problem documents (RFC 9457), and of refusals on the socket. */
export const problemKinds = {
  token_missing: { status: 401, title: 'A bearer token is needed', retriable: false },
  token_invalid: { status: 401, title: 'The token is not valid', retriable: false },
  token_expired: { status: 401, title: 'The token has expired', retriable: false },
  not_found: { status: 404, title: 'There is no such thing here', retriable: false },
  no_file: { status: 400, title: 'The request holds no file', retriable: false },
  field_after_file: { status: 400, title: 'Fields must come before the file', retriable: false },
  channel_token_missing: { status: 400, title: 'The channel comes without its token', retriable: false },
  file_empty: { status: 400, title: 'The file is empty', retriable: false },
  no_email_column: { status: 400, title: 'The file has no e-mail column', retriable: false },
  not_csv: { status: 400, title: 'The file is not CSV', retriable: false },
  workbook_unreadable: { status: 400, title: 'The workbook cannot be read', retriable: false },
  nul_bytes: { status: 400, title: 'The file holds NUL bytes', retriable: false },
  encoding_uncertain: { status: 400, title: 'The encoding is not certain', retriable: false },
  encoding_unsupported: { status: 400, title: 'The encoding is not supported', retriable: false },
  replacement_character: { status: 400, title: 'Letters of the file are lost', retriable: false },
  header_too_long: { status: 400, title: 'The header is too long', retriable: false },
  too_many_rows: { status: 413, title: 'The file has too many rows', retriable: false },
  file_too_large: { status: 413, title: 'The file is too large', retriable: false },
  invalid_request: { status: 400, title: 'The request is not valid', retriable: false },
  request_too_large: { status: 413, title: 'The request is too large', retriable: false },
  upload_broken_off: { status: 400, title: 'The upload broke off', retriable: true },
  request_timeout: { status: 408, title: 'The request took too long to come', retriable: true },
  origin_forbidden: { status: 403, title: 'Pages of that origin may not do this', retriable: false },
  host_unknown: { status: 421, title: 'This server does not answer to that name', retriable: false },
  state_conflict: { status: 409, title: 'The state does not allow it', retriable: false },
  precondition_failed: { status: 412, title: 'It was changed meanwhile', retriable: false },
  precondition_required: { status: 428, title: 'Say which version is changed', retriable: false },
  import_cancelled: { status: 409, title: 'The import was cancelled', retriable: false },
  request_in_progress: { status: 409, title: 'The same request is being worked on', retriable: true },
  upload_in_progress: { status: 409, title: 'The file is being uploaded already', retriable: true },
  wrong_offset: { status: 409, title: 'The upload stands elsewhere', retriable: true },
  idempotency_mismatch: { status: 422, title: 'The key was used for something else', retriable: false },
  schema_refused: { status: 422, title: 'The method does not take this', retriable: false },
  wait_exceeded: { status: 408, title: 'The answer has not come in time', retriable: true },
  deadline_exceeded: { status: 504, title: 'The deadline has passed', retriable: true },
  lease_ended: { status: 500, title: 'The request failed', retriable: true },
  channel_full: { status: 429, title: 'Too many connections listen to this channel', retriable: true },
  rate_limited: { status: 429, title: 'Too many requests', retriable: true },
  internal: { status: 500, title: 'An unexpected error', retriable: true },
  unavailable: { status: 503, title: 'Not available at the moment', retriable: true },
} as const satisfies Record<string, ProblemKind>;

export type ProblemCode = keyof typeof problemKinds;

/** Codes about what stands in a row's cells, or about the contact that they would make. */
const cellCodes = [
  'email_missing',
  'email_invalid',
  'phone_invalid',
  'phone_country_unknown',
  'country_unknown',
  'control_character',
  'contact_too_large',
] as const;

/** Codes about a record as a whole, or about its bytes. They do not show in its cells once those are written to another file. */
export const recordCodes = [
  'too_few_cells',
  'too_many_cells',
  'invalid_encoding',
  'replacement_character',
  'nul_byte',
  'quote_unclosed',
  'record_too_long',
] as const;
export type RecordCode = (typeof recordCodes)[number];

/** Why a row was rejected. Their words stand in `row-words/`. */
export const rowCodes = [...cellCodes, ...recordCodes] as const;
export type RowCode = (typeof rowCodes)[number];
