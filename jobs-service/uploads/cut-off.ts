/** Cuts off an upload whose import wants no more of it: it is being cancelled, or a sweeper has taken the upload for dead. */
import { Problem } from '@tidings/service-kit/http/problem.ts';
import type { FoldedImports } from '../imports/folded-from-log.ts';
import type { Upload } from './upload.ts';
import { importCancelled } from './upload-failures.ts';

/** Returns what ends the watching. */
export function cutOffWhenEnded(
  foldedImports: Pick<FoldedImports, 'watch'>,
  upload: Pick<Upload, 'importId' | 'uploadId' | 'stop'>,
): () => void {
  return foldedImports.watch(upload.importId, (folded) => {
    if (folded?.uploadId !== upload.uploadId) return;
    const { status, upload: uploadStatus } = folded.state;
    if (status === 'cancelling' || status === 'cancelled') upload.stop(importCancelled());
    else if (uploadStatus === 'aborted') upload.stop(takenForDead());
  });
}

function takenForDead(): Problem {
  const message = 'The upload stood still for so long that it was taken for dead. Send the file again.';
  return new Problem('upload_broken_off', message);
}
