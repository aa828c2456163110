/** A file that was chosen or dropped and not yet sent: its first bytes, or why it cannot be imported, as far as no server is needed to tell. */
import { PREVIEW_BYTES } from '@tidings/contracts/files/preview.ts';
import { isWorkbook, recogniseKind } from '@tidings/csv/signatures.ts';
import {
  emptyProblem,
  notTextProblem,
  tooLargeProblem,
  unreadableProblem,
} from '../../shell/services/explain.ts';
import type { PageProblem } from '../../shell/services/page-problem.ts';

export interface PickedFile {
  readonly file: File;
  /** As many of its first bytes as a preview looks at. A workbook cannot be read in part: it is all of it. */
  readonly head: Blob;
}

export type ChosenFile =
  | { readonly kind: 'none' }
  | { readonly kind: 'reading'; readonly name: string }
  | { readonly kind: 'refused'; readonly name: string; readonly problem: PageProblem }
  | ({ readonly kind: 'picked' } & PickedFile);

/**
 * Reads the file's first bytes. Never rejects: a file that cannot be read is `refused`.
 *
 * @param mostBytes bytes of a file at most; null while they are not known
 */
export async function inspectFile(file: File, mostBytes: number | null): Promise<ChosenFile> {
  const refuse = (problem: PageProblem): ChosenFile => ({ kind: 'refused', name: file.name, problem });
  if (isTooLarge(file, mostBytes)) return refuse(tooLargeProblem(mostBytes));
  try {
    const bytes = await file.slice(0, PREVIEW_BYTES).arrayBuffer();
    if (bytes.byteLength === 0) return refuse(emptyProblem());
    const first = new Uint8Array(bytes);
    if (isWorkbook(first)) return { kind: 'picked', file, head: file };
    const noText = recogniseKind(first);
    // They are kept, so that the file may change or go away meanwhile.
    return noText === null
      ? { kind: 'picked', file, head: new Blob([bytes]) }
      : refuse(notTextProblem(noText));
  } catch {
    return refuse(unreadableProblem());
  }
}

/** Refuses a file that was inspected before the server's limit was known. */
export function withinLimit(chosen: ChosenFile, mostBytes: number | null): ChosenFile {
  if (chosen.kind !== 'picked' || !isTooLarge(chosen.file, mostBytes)) return chosen;
  return { kind: 'refused', name: chosen.file.name, problem: tooLargeProblem(mostBytes) };
}

/** While the limit is not known, no file is too large here; the server refuses it. */
function isTooLarge({ size }: File, mostBytes: number | null): mostBytes is number {
  return mostBytes !== null && size > mostBytes;
}
