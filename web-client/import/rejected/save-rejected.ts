/** Lets the browser save rejected rows as a file. Every page that shows an import fetches it at once. */

import { type RejectedFileKind, rejectedFileName } from '@tidings/contracts/files/rejected-file.ts';
import type { FollowedImport } from '../../following/followed/followed-import.ts';
import { saveBlob } from '../../shell/browser/save-blob.ts';

/** @throws ProblemError */
export async function saveRejected(
  { view, actions }: Pick<FollowedImport, 'view' | 'actions'>,
  kind: RejectedFileKind,
): Promise<void> {
  const { fileName } = view.peek();
  const access = await actions.openRejected(rejectedFileName(fileName));
  saveBlob(await access.fetchFile(kind), rejectedFileName(fileName, kind));
}
