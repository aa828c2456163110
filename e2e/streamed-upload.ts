/** An upload at the pace of its receiver, as a sender on the wire sees it: how much was taken, and what was answered when. */
import { once } from 'node:events';
import { type ClientRequest, type IncomingHttpHeaders, request } from 'node:http';

export interface UploadAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface StreamedUpload {
  /** Bytes of the file that the connection has taken. */
  readonly taken: number;
  /** Milliseconds since 1970 at which it took the last of them. */
  readonly takenAt: number;
  /** Resolves when the connection has taken the bytes; rejects when it is gone. */
  send(bytes: Uint8Array): Promise<void>;
  /** Resolves with what is answered, also while the file is still being sent; rejects when the connection ends without. */
  readonly answer: Promise<UploadAnswer>;
  /** Ends the connection, wherever it is. */
  destroy(): void;
}

const BOUNDARY = 'streamed-upload';
/** Small enough to see the pace, large enough to go fast. */
const SLICE_BYTES = 64 * 1024;

/** Begins a `POST /imports` with its fields; the file's bytes follow by `send`. Its last part is never ended. */
export function beginUpload(url: string, fields: Readonly<Record<string, string>>): StreamedUpload {
  const sending = request(`${url}/imports`, {
    method: 'POST',
    headers: { 'Content-Type': `multipart/form-data; boundary=${BOUNDARY}` },
  });
  const answer = readAnswer(sending);
  // A test that fails earlier has nobody waiting for it.
  answer.catch(() => undefined);
  sending.on('error', () => undefined);
  for (const [name, value] of Object.entries(fields))
    sending.write(`--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`);
  sending.write(
    `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="contacts.csv"\r\n` +
      'Content-Type: text/csv\r\n\r\n',
  );
  let taken = 0;
  let takenAt = Date.now();
  return {
    get taken() {
      return taken;
    },
    get takenAt() {
      return takenAt;
    },
    async send(bytes) {
      for (let from = 0; from < bytes.length; from += SLICE_BYTES) {
        const slice = bytes.subarray(from, from + SLICE_BYTES);
        await new Promise<void>((resolve, reject) => {
          sending.write(slice, (error) => (error == null ? resolve() : reject(error)));
        });
        taken += slice.length;
        takenAt = Date.now();
      }
    },
    answer,
    destroy: () => void sending.destroy(),
  };
}

async function readAnswer(sending: ClientRequest): Promise<UploadAnswer> {
  const [response] = await once(sending, 'response');
  let body = '';
  for await (const bytes of response) body += String(bytes);
  return { status: response.statusCode, headers: response.headers, body };
}
