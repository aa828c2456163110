/** A file that was chosen or dropped and not yet sent: what its first bytes show, or why it cannot be imported. */
import type { Delimiter } from '@tidings/contracts/csv.ts';
import { CsvError } from '@tidings/csv/errors.ts';
import { explainError, tooLargeProblem, unreadableProblem } from '../shell/explain.ts';
import type { PageProblem } from '../shell/page-problem.ts';

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

export type ChosenFile =
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

export async function inspectFile(file: File): Promise<ChosenFile> {
  const refuse = (problem: PageProblem): ChosenFile => ({ kind: 'refused', name: file.name, problem });
  if (file.size > MAX_FILE_BYTES) return refuse(tooLargeProblem);
  try {
    const [{ previewRecords }, { explainMissingEmail }, bytes] = await Promise.all([
      import('@tidings/csv/preview.ts'),
      import('./email-column.ts'),
      file.slice(0, PREVIEW_BYTES).arrayBuffer(),
    ]);
    const complete = file.size <= PREVIEW_BYTES;
    const { dialect, header, rows } = previewRecords(new Uint8Array(bytes), PREVIEW_ROWS, { complete });
    const preview = { delimiter: dialect.delimiter, header, rows };
    const problem = explainMissingEmail(preview);
    return problem === null ? { kind: 'ready', file, preview } : { kind: 'unfit', file, preview, problem };
  } catch (error) {
    return refuse(error instanceof CsvError ? explainError(error) : unreadableProblem);
  }
}
