/** A file that was picked or dropped and not yet sent: what its first bytes show, or why it cannot be imported. */
import type { Delimiter } from '@tidings/contracts/csv.ts';
import type { PageProblem } from './import-view.ts';

/** Bytes of a file at most, as the server's default is. */
export const MAX_FILE_BYTES = 1024 * 1024 * 1024;
/** Bytes that are read to show the first rows, at most. */
export const PREVIEW_BYTES = 64 * 1024;
/** Rows shown, at most. */
export const PREVIEW_ROWS = 5;

export interface FilePreview {
  readonly delimiter: Delimiter;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export type PickedFile =
  | { readonly kind: 'none' }
  | { readonly kind: 'reading'; readonly name: string }
  | { readonly kind: 'refused'; readonly name: string; readonly problem: PageProblem }
  /** It can be read, and not be imported: shown with the reason. */
  | {
      readonly kind: 'unfit';
      readonly file: File;
      readonly preview: FilePreview;
      readonly problem: PageProblem;
    }
  | { readonly kind: 'ready'; readonly file: File; readonly preview: FilePreview };

export const delimiterWords: Record<Delimiter, string> = {
  ',': 'comma-separated',
  ';': 'semicolon-separated',
  '\t': 'tab-separated',
  '|': 'separated by |',
};
