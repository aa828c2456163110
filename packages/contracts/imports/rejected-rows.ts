/** Rejected rows, how they are mended, and how they are imported again. */
import type { Page } from '../http.ts';

/** What is wrong with a rejected row. */
export interface RowFault {
  /** A `RowCode`; a later release may answer with one that is not listed here. */
  code: string;
  /** In the language that was asked for. */
  reason: string;
  /** The name of the column whose cell is at fault; null where it is the row. */
  column: string | null;
}

/** An item of `GET /imports/{id}/rejected`. */
export interface RejectedRowItem {
  /** The row's number in the file, 1 the first below the header. */
  row: number;
  /** In the file, as an editor counts. */
  line: number;
  /** Why it was rejected. */
  codes: string[];
  /** What is wrong with its cells as they stand here: none where a mended row is right. */
  faults: RowFault[];
  /**
   * By column, as in `rejected.csv`: as they stand in the file, or as they were mended. Columns of one name are told apart by a
   * number; cells beyond the header stand in `_extra`, as a CSV record.
   */
  cells: Record<string, string>;
  /** Whether somebody has mended it. */
  mended: boolean;
  /** The import that it was handed to as mended; null for none. */
  mendedBy: string | null;
}

export interface RejectedRowsPage extends Page<RejectedRowItem> {
  /** Rejected rows of the import of which no import that mends it has made contacts yet. */
  left: number;
}

/** Cells by column, as in `RejectedRowItem`; those that are not named stay as they are. */
export type MendedCells = Record<string, string>;

/** The body of `PATCH /imports/{id}/rejected`. */
export interface MendedRows {
  rows: {
    row: number;
    cells: MendedCells;
    /** What cells held when they were read. Where one holds something else by now, nothing is changed. */
    former?: MendedCells;
  }[];
}

/** `POST /imports/{id}/rejected/import`. */
export interface HandedRows {
  /** Of the import that the mended rows have become. */
  importId: string;
  channelId: string;
  rows: number;
}
