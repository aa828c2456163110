/** What a user of the proof is made of, and tells. */
import type { ImportState } from '@tidings/contracts/imports/import.ts';
import type { Random } from '../choices.ts';
import type { Findings } from '../findings.ts';
import type { RowSpoiler } from '../systems/row-spoiler.ts';
import type { PatientApi } from './http.ts';

export type Done =
  | 'undos'
  | 'undos begun again'
  | 'uploads that went on'
  | 'edits and deletions'
  | 'spoilt imports'
  | 'erased owners';

export interface ProofUserParts {
  readonly name: string;
  readonly owner: string;
  readonly random: Random;
  readonly url: string;
  readonly api: PatientApi;
  /** Ends everything at once. */
  readonly signal: AbortSignal;
  readonly findings: Findings;
  readonly spoiler: RowSpoiler;
  /** Whether the log may have lost chunks. */
  mayLose(): boolean;
  onNote(line: string): void;
  /** An import has ended, and its outcome was checked. */
  onSettled(state: ImportState): void;
  /** Something else was done, and checked. */
  onDone(what: Done): void;
}
