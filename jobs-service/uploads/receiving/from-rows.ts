/** Imports rows that the store has, as if somebody had uploaded them: mended rows, written as our file of rejected rows. */

import type { ExpressShare } from '../splitting/express-share.ts';
import type { UploadTurns } from '../splitting/upload-turns.ts';
import { Upload, type UploadRequest } from '../upload.ts';
import { cutOffWhenEnded } from './cut-off.ts';
import type { UploadPlaces } from './places.ts';
import { type FileParts, type ReceivedImport, uploadSettings } from './receive-file.ts';

export interface RowsParts
  extends Pick<FileParts, 'log' | 'logger' | 'foldedImports' | 'settings' | 'limits' | 'lease'> {
  readonly places: UploadPlaces;
  readonly expressShare: ExpressShare;
  readonly turns: UploadTurns;
}

/**
 * Resolves once the upload is sealed, with what came of it. On failure the import, if it may have been accepted, is aborted.
 * @param giveBack called where no import comes of the rows: where the log took the seal and did not say so, one does in spite of the failure
 * @throws Problem
 */
export async function importRows(
  { places, foldedImports, ...parts }: RowsParts,
  sender: string,
  request: UploadRequest,
  rows: AsyncIterable<string>,
  giveBack: () => Promise<void>,
): Promise<ReceivedImport> {
  const settings = uploadSettings(parts, request.owner);
  const upload = new Upload(parts.log, parts.logger, { ...request, settings }, parts);
  try {
    const leave = places.take(sender);
    const unwatch = cutOffWhenEnded(foldedImports, upload);
    try {
      await upload.receive(encoded(rows));
      await upload.seal();
      return upload;
    } finally {
      unwatch();
      leave();
    }
  } catch (error) {
    if (!upload.mayBeSealed) await giveBack();
    throw error;
  }
}

async function* encoded(rows: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  for await (const text of rows) yield Buffer.from(text);
}
