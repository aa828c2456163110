/** Reads what a request about a broken upload says of it, besides its body. */
import type { TokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { readIdempotencyKey } from '@tidings/service-kit/http/idempotency-key.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';
import type { Request } from 'express';
import { refuseEncoded } from './body.ts';
import { readNeededAuthorization, type UploadChannel } from './channel.ts';
import { importIdOfKey } from './import-id.ts';
import type { RestOfFile } from './resumable-uploads.ts';

/** The media type of the rest of a file, which is that of tus. */
const REST_OF_FILE = 'application/offset+octet-stream';

/** The import of an upload that its sender comes back to. @throws Problem */
export async function findUpload(
  { tokens }: { readonly tokens: TokenAuthority },
  request: Request,
): Promise<{ readonly importId: string; readonly channel: UploadChannel }> {
  const { channel, token } = await readNeededAuthorization(tokens, request.headers.authorization);
  const key = readIdempotencyKey(request);
  if (key === null) {
    const message = 'Name the upload: send the `Idempotency-Key` under which it began.';
    throw new Problem('invalid_request', message, { field: 'Idempotency-Key' });
  }
  return { importId: importIdOfKey(channel.owner, key), channel: { ...channel, token } };
}

/** @throws Problem invalid_request */
export function readRest(request: Request): RestOfFile {
  refuseEncoded(request);
  const [mediaType = ''] = (request.get('Content-Type') ?? '').split(';');
  // `request.is` finds no type where there is no body, and the rest may be empty.
  if (mediaType.trim().toLowerCase() !== REST_OF_FILE) {
    const message = `Send the bytes of the file from the offset on, and nothing else, as ${REST_OF_FILE}.`;
    throw new Problem('invalid_request', message, { field: 'Content-Type' });
  }
  const offset = readBytes(request, 'Upload-Offset');
  if (offset !== null) return { offset, fileBytes: readBytes(request, 'Upload-Length') };
  const message = 'Say at which byte of the file the body begins: `Upload-Offset`.';
  throw new Problem('invalid_request', message, { field: 'Upload-Offset' });
}

/** null where it is missing. @throws Problem invalid_request */
function readBytes(request: Request, header: string): number | null {
  const bytes = request.get(header);
  if (bytes === undefined) return null;
  if (/^\d{1,15}$/.test(bytes)) return Number(bytes);
  throw new Problem('invalid_request', `\`${header}\` is a number of bytes, from 0.`, { field: header });
}
