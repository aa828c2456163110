/** How many rows of each kind the store keeps, or has removed. */

/** Rows of each kind that the store keeps. */
export interface KeptRows {
  contacts: number;
  /** Before-images. */
  changes: number;
  rejectedRows: number;
  /** Of the ledger. */
  chunks: number;
  gates: number;
  /** Summaries of ended imports. */
  imports: number;
}

/** Rows that were removed. `imports`: those of which nothing but the summary is left, or nothing. */
export type RemovedRows = KeptRows;

export function noKeptRows(): KeptRows {
  return { contacts: 0, changes: 0, rejectedRows: 0, chunks: 0, gates: 0, imports: 0 };
}

export function keptKinds(rows: KeptRows): (keyof KeptRows)[] {
  return Object.keys(rows) as (keyof KeptRows)[];
}

/** Adds the rows of one step to a sum. Returns whether the step had any. */
export function addKeptRows(sum: KeptRows, step: KeptRows): boolean {
  for (const kind of keptKinds(step)) sum[kind] += step[kind];
  return keptKinds(step).some((kind) => step[kind] > 0);
}
