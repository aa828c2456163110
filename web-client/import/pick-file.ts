/** Looks into a file that was picked: its first rows, or why it cannot be imported. */
import { CsvError } from '@tidings/csv/errors.ts';
import { explainError, tooLargeProblem, unreadableProblem } from '../shell/explain.ts';
import type { PageProblem } from './import-view.ts';
import { MAX_FILE_BYTES, type PickedFile, PREVIEW_BYTES, PREVIEW_ROWS } from './picked-file.ts';

export async function inspectFile(file: File): Promise<PickedFile> {
  const refuse = (problem: PageProblem): PickedFile => ({ kind: 'refused', name: file.name, problem });
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
