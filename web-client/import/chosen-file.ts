/** A file that was chosen or dropped and not yet sent: what its first bytes show, or why it cannot be imported. */
import type { Delimiter } from '@tidings/contracts/csv.ts';
import { CsvError } from '@tidings/csv/errors.ts';
import { explainError, tooLargeProblem, unreadableProblem } from '../shell/explain.ts';
import type { PageProblem } from '../shell/page-problem.ts';

/** Rows that are shown, at most. */
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
  /** The file can be read but not imported: it is shown with the reason. */
  | {
      readonly kind: 'unfit';
      readonly file: File;
      readonly preview: FilePreview;
      readonly problem: PageProblem;
    }
  | { readonly kind: 'ready'; readonly file: File; readonly preview: FilePreview };

/**
 * Reads the file's first bytes. Never rejects: a file that cannot be read is `refused`.
 *
 * @param mostBytes bytes of a file at most; null while they are not known
 */
export async function inspectFile(file: File, mostBytes: number | null): Promise<ChosenFile> {
  const refuse = (problem: PageProblem): ChosenFile => ({ kind: 'refused', name: file.name, problem });
  if (isTooLarge(file, mostBytes)) return refuse(tooLargeProblem(mostBytes));
  try {
    const [{ previewRecords, SNIFF_BYTES }, { explainMissingEmail }] = await Promise.all([
      import('@tidings/csv/preview.ts'),
      import('./email-column.ts'),
    ]);
    const bytes = await file.slice(0, SNIFF_BYTES).arrayBuffer();
    const complete = file.size <= SNIFF_BYTES;
    const { dialect, header, rows } = previewRecords(new Uint8Array(bytes), PREVIEW_ROWS, { complete });
    const preview = { delimiter: dialect.delimiter, header, rows };
    const problem = explainMissingEmail(preview);
    return problem === null ? { kind: 'ready', file, preview } : { kind: 'unfit', file, preview, problem };
  } catch (error) {
    return refuse(error instanceof CsvError ? explainError(error) : unreadableProblem());
  }
}

/** Refuses a file that was inspected before the server's limit was known. */
export function withinLimit(chosen: ChosenFile, mostBytes: number | null): ChosenFile {
  if (!('file' in chosen) || !isTooLarge(chosen.file, mostBytes)) return chosen;
  return { kind: 'refused', name: chosen.file.name, problem: tooLargeProblem(mostBytes) };
}

/** While the limit is not known, no file is too large here; the server refuses it. */
function isTooLarge({ size }: File, mostBytes: number | null): mostBytes is number {
  return mostBytes !== null && size > mostBytes;
}
