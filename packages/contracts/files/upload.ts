/** What is sent with a file, what is answered, and how long a file may be. */

/** `leave-out`: the row is imported without the value, which is kept as an attribute and told as a warning. */
export const invalidFieldsChoices = ['reject', 'leave-out'] as const;
export type InvalidFields = (typeof invalidFieldsChoices)[number];

/** Fields of `POST /imports`; all of them stand before the file. */
export interface UploadFields {
  channelId?: string;
  channelToken?: string;
  /** A label such as `windows-1251`, in any case; without it the encoding is found. */
  encoding?: string;
  /** The character, or its name such as `semicolon`; without it the delimiter is found. */
  delimiter?: string;
  /** Of a workbook, the name of the sheet that is read, or its number from 1; without it the first one that shows. */
  sheet?: string;
  /** The line of the header, from 1; 0 where the file has none. Without it the header is found. */
  headerLine?: number;
  /** Sent as JSON. Maps a header's text to a field, to `attributes.<name>`, or to '' for a column that is left out. */
  mapping?: Record<string, string>;
  /** ISO 3166-1 alpha-2. */
  defaultCountry?: string;
  /** What an invalid phone number or an unknown country costs: the row (the default), or itself alone. */
  invalidFields?: InvalidFields;
  clientReference?: string;
  /** Sent as `true` or `false`. Whether the rows are taken back where the upload breaks off; default true. */
  autoUndo?: boolean;
  /** Sent as `true` or `false`. Whether the file is only checked, and nothing is written; default false. */
  dryRun?: boolean;
  /** The import whose rejected rows the file holds, mended. */
  mends?: string;
}

export interface AcceptedImport {
  importId: string;
  channelId: string;
  channelToken: string;
  /** Of a workbook, the sheet that is read; not in the answer to a repeat. */
  sheet?: string;
  /** The sheets that the workbook has. */
  sheets?: string[];
}

/** Where an upload stands whose connection was lost. */
export interface UploadOffset {
  /** Bytes of the file that are not to be sent again. */
  offset: number;
}

/** What a file that is uploaded may hold, at most. */
export interface UploadLimits {
  /** Bytes of the file. */
  readonly maxBytes: number;
  /** Rows of the file, without its header. */
  readonly maxRows: number;
  /** Columns that the header names. */
  readonly maxColumns: number;
  /** Bytes of a row; a longer one is rejected, and the file goes on. */
  readonly maxRecordBytes: number;
}

/** `GET /limits`, without a token. */
export interface Limits {
  readonly upload: UploadLimits;
}
