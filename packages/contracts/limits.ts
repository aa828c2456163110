/** Bounds that more than one room must know. Bounds of one room stand in that room. */

/** Columns that a header names, at most. */
export const MAX_COLUMNS = 1_000;
/** Bytes of a record with its newline, at most, and bytes of a chunk, at most. The cutter rejects a longer record. */
export const MAX_RECORD_BYTES = 128 * 1024;
/** Bytes of a field of the upload's form, at most. */
export const MAX_FORM_FIELD_BYTES = 64 * 1024;

/** Bytes of an uploaded file, at most, unless the server is configured otherwise: `GET /limits` tells. */
export const DEFAULT_UPLOAD_MAX_BYTES = 1024 ** 3;
/** Rows of an uploaded file, at most, unless the server is configured otherwise. */
export const DEFAULT_UPLOAD_MAX_ROWS = 10_000_000;

/** Days after an import's end for which its before-images, rejected rows and ledger are kept, unless the server is configured otherwise. */
export const DEFAULT_RETENTION_DAYS = 30;

/** Characters of a search for contacts, at most. */
export const MAX_CONTACT_QUERY = 200;

/** Characters of a search for imports, at most. */
export const MAX_IMPORT_QUERY = 200;

/** Requests a second of one publisher, unless the server is configured otherwise. */
export const DEFAULT_PUBLISH_PER_SECOND = 1_000;
