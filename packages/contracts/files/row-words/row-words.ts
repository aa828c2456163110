/** What the words for faults of rows are, in any language. */
import type { RowCode } from '../../codes.ts';

/** A few words for each fault, as pages list them beside a count or at a cell. */
export type RowFaultWords = Readonly<Record<RowCode, string>>;

/** Sentences for the person who corrects the row, as files of rejected rows have them. */
export interface RowReasonWords {
  /** `{contactBytes}`, `{attributes}` and `{recordBytes}` stand for limits. */
  readonly sentences: Readonly<Record<RowCode, string>>;
  readonly holds: (character: string) => string;
  readonly counted: (cells: number, columns: number) => string;
  /** What to do about a fault that shows in no cell. */
  readonly hints: {
    readonly surplus: string;
    readonly notKept: string;
    /** @param shown the character that stands for one that a file cannot hold */
    readonly standIn: (shown: string) => string;
    readonly rightAsItIs: string;
  };
  /** Sentences one after another. */
  readonly joined: (sentences: readonly string[]) => string;
}
