/**
 * Cuts off an upload of which nothing more may be taken: its import is being cancelled, a sweeper has taken the upload for dead, or its
 * sender's tokens were taken back.
 */
import { type ChannelOwner, revoked } from '@tidings/service-kit/access/bearers.ts';
import type { TokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';
import type { FoldedImports } from '../../imports/folded-from-log.ts';
import type { Upload } from '../upload.ts';
import { importCancelled } from '../upload-failures.ts';

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

/** Returns what ends the watching. */
export function cutOffWhenRevoked(
  tokens: Pick<TokenAuthority, 'isRevoked' | 'onRevoked'>,
  sender: Pick<ChannelOwner, 'owner' | 'epoch'>,
  upload: Pick<Upload, 'stop'>,
): () => void {
  const look = (): void => {
    if (tokens.isRevoked(sender)) upload.stop(revoked());
  };
  const leave = tokens.onRevoked((owner) => owner === sender.owner && look());
  // The tokens may have been taken back while the file's first bytes came.
  look();
  return leave;
}

function takenForDead(): Problem {
  const message = 'The upload stood still for so long that it was taken for dead. Send the file again.';
  return new Problem('upload_broken_off', message);
}
