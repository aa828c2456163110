/** `POST /imports/preview`: how the beginning of a file is read, and what would become of its rows. Nothing is stored. */

import type { Encoding } from './csv.ts';
import type { InvalidFields, UploadFields } from './upload.ts';

/** Bytes of the file that are looked at, at most. */
export const PREVIEW_BYTES = 256 * 1024;
/** Rows that are shown, at most. */
export const SHOWN_ROWS = 20;
/** Rows that the forecast counts, at most. */
export const FORECAST_ROWS = 1_000;
/** Different cells of a column that are shown, and texts of the file that show its encoding, at most. */
export const PREVIEW_SAMPLES = 3;
/** Lines above the header that are shown, at most. */
export const PREVIEW_TITLE_LINES = 20;
/** Characters of a cell or a line that are shown, at most. */
export const PREVIEW_TEXT_LENGTH = 200;

/** The form's fields: those of the upload, with the same meaning, before the file. */
export interface PreviewFields extends UploadFields {
  /** Bytes of the whole file, where the part `file` holds only its beginning. A workbook is not read in part: send all of it. */
  size?: number;
}

export interface ImportPreview {
  /** Of a workbook, the sheet that is read; null for a text file. */
  sheet: string | null;
  /** The sheets that the workbook has; none of a text file. */
  sheets: string[];
  encoding: Encoding;
  /** 0 to 1; 1 where the file says it by a byte order mark, all is UTF-8, or the request names it. */
  encodingConfidence: number;
  /** Texts of the file with letters beyond ASCII; none where there are none. */
  encodingSamples: string[];
  /** Other encodings in which it is a text, the likelier ones first, with the same places of the file. */
  encodingAlternatives: EncodingAlternative[];
  /** As it stands in the file. */
  delimiter: string;
  quote: '"' | "'";
  /** From 1; 0 where the file is read as one without a header. */
  headerLine: number;
  /** Above the header: titles, remarks, `sep=;`. Blank lines are left out. */
  titleLines: string[];
  /** By index. */
  columns: PreviewColumn[];
  /** The first rows. */
  rows: PreviewRow[];
  /** Of what was looked at. */
  rowsRead: number;
  /** Of what was looked at: lines that are empty, or whose cells are all blank, are no rows. */
  blankRows: number;
  /** Whether only the beginning of the file was looked at. */
  truncated: boolean;
  /** Exact where the whole file was looked at; null where the length of its text is not known, as of a sheet that does not say how many rows it has. */
  estimatedRows: number | null;
  /** The country of phone numbers in rows that name none: the request's, else that of the import that it mends, else the owner's; null for none. */
  defaultCountry: string | null;
  /** What a phone number or country costs that cannot be read: as the request says, else as of the import that it mends. */
  invalidFields: InvalidFields;
  /** Rows of the forecast whose phone number needs a default country, whether there is one or not. */
  rowsNeedingCountry: number;
  /** Whether it is one of our files of rejected rows, so that it mends. Its columns are those of the file that it came of. */
  isRejectedExport: boolean;
  /** The import that the field `mends` names; null without the field. */
  mends: MendedByFile | null;
  forecast: PreviewForecast;
  /** Why `POST /imports` with the same fields refuses the file. A choice mends most of them. */
  problems: PreviewProblem[];
  /** What should be known before the import, and does not refuse it. */
  notices: PreviewNotice[];
}

export interface MendedByFile {
  importId: string;
  fileName: string;
  /** Rejected rows of that import whose lines are among the `_line` of the first rows that were looked at; null where the file has no such column. */
  rowsMet: number | null;
}

export interface EncodingAlternative {
  encoding: Encoding;
  samples: string[];
}

/**
 * What says what a column is for: a name that is known, a name that is like it, the column's cells, the mapping of the request, what
 * the owner has said of the same header before, or the import that the file mends.
 */
export const columnSayers = ['alias', 'similarity', 'cells', 'person', 'remembered', 'mended'] as const;
export type ColumnSayer = (typeof columnSayers)[number];

export interface PreviewColumn {
  /** From 0: its place in the cells of rows, and in faults. */
  index: number;
  /** As it stands in the file; a file without a header has `column 2`, and `email`. */
  name: string;
  /** A field, `attributes.<name>`, or '' for a column that is left out: as in `mapping`. */
  target: string;
  /** 0 to 1. */
  confidence: number;
  /** null: nothing; it is kept under its own name, or left out because it has none. */
  by: ColumnSayer | null;
  /** Different cells of the first rows that are not blank. */
  samples: string[];
  /** The field that the column could fill, had not another column been the better one; else null. */
  passedOver: string | null;
  /** Whether its address is that of a row in which the column for e-mail addresses, and those that stand in before it, are blank. */
  standsIn: boolean;
}

export interface PreviewRow {
  /** 1 the first below the header. */
  row: number;
  /** In the file, as an editor counts. */
  line: number;
  /** As they stand in the file. */
  cells: string[];
  /** Of the contact, by name; a blank one is not there. null: the row is rejected. */
  fields: Record<string, string> | null;
  /** Attributes of the contact; of a rejected row none. */
  attributes: Record<string, string>;
  /** Why the row is rejected, or which values it is imported without. */
  faults: PreviewFault[];
}

export interface PreviewFault {
  /** A `RowCode`; a later release may answer with one that is not listed here. */
  code: string;
  /** The column whose cell is at fault, from 0. */
  column?: number;
  /** Cells of the row, and columns of the header. */
  cells?: number;
  columns?: number;
  /** An invisible character within the cell, as `U+200B`. */
  character?: string;
}

/** Of the first `FORECAST_ROWS` rows. */
export interface PreviewForecast {
  rows: number;
  /** Rows that are imported, warnings or not; the others are rejected. */
  valid: number;
  /** Values that rows are imported without, by `RowCode`. */
  warnings: Record<string, number>;
  /** By `RowCode`: a row with two faults counts under both. */
  rejected: Record<string, number>;
}

/**
 * `encoding_uncertain`: choose `encoding`. `no_email_column`: no column is for `email`; where `headerLine` is 0 and the request does not
 * name it, the file seems to have no header. `replacement_character`: letters of the header are lost.
 */
export const previewProblemCodes = [
  'encoding_uncertain',
  'no_email_column',
  'replacement_character',
] as const;

export interface PreviewProblem {
  code: (typeof previewProblemCodes)[number];
  /** In English. */
  detail: string;
  line?: number;
}

/**
 * Rows that hold U+FFFD, in place of a letter that an earlier program lost, or bytes that the encoding does not have. `encoded_twice`: rows that
 * an earlier program seems to have saved in the wrong encoding (`JÃ¶rg`), at least `ENCODED_TWICE_SHARE` of those beyond ASCII; they are
 * imported as they stand.
 */
export const previewNoticeCodes = ['replacement_character', 'invalid_encoding', 'encoded_twice'] as const;
/** Fewer such rows are told as nothing: somebody may write such a text on purpose. */
export const ENCODED_TWICE_SHARE = 0.05;

export interface PreviewNotice {
  code: (typeof previewNoticeCodes)[number];
  /** The first such line. */
  line: number;
  /** Of what was looked at. */
  rows: number;
  /** Of `encoded_twice`: a cell of the line, and what it seems to have been. */
  sample?: { written: string; meant: string };
}
