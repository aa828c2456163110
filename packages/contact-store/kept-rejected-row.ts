/** A rejected row as the store keeps it, and what somebody has made of it since. */
import type { RejectedRow } from './chunk-to-apply.ts';

/** Cells of a mended row, as `rejected.csv` shows cells. */
export interface KeptCells {
  /** Of the columns of the file that `rejected.csv` has. */
  readonly own: readonly string[];
  /** Cells beyond the header, as a CSV record. */
  readonly extra: string;
}

export interface MendedRow {
  /** From 0. */
  readonly row: number;
  readonly cells: KeptCells;
  /** As the row was mended when it was read; null where nobody had mended it. */
  readonly before: KeptCells | null;
}

/** `gone`: a row is there no more, or was handed to an import. `changed`: somebody has mended a row since it was read. */
export type MendOutcome = 'kept' | 'gone' | 'changed';

/** What becomes of those rejected rows of an import that nobody has mended. */
export interface RestOfRows {
  readonly importId: string;
  readonly isIgnored: boolean;
  /** How often that has changed. */
  readonly changes: number;
}

export interface KeptRejectedRow extends RejectedRow {
  /** Only where somebody has mended it. */
  readonly mended?: KeptCells;
  /** The import that it was handed to, only where it was. */
  readonly takenBy?: string;
}
