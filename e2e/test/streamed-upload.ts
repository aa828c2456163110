/** An upload at the pace of its receiver: tells how many bytes the connection has taken, and what the server answered when. */
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
  /** When the connection took the last of them, in milliseconds since 1970. */
  readonly takenAt: number;
  /** Resolves when the connection has taken the bytes; rejects when the connection has ended. */
  send(bytes: Uint8Array): Promise<void>;
  /** Resolves with the answer, also while the file is still being sent; rejects when the connection ends without an answer. */
  readonly answer: Promise<UploadAnswer>;
  /** Cuts the connection. */
  destroy(): void;
}

const BOUNDARY = 'streamed-upload';
/** Bytes of one write: few enough to see the pace, enough to be fast. */
const SLICE_BYTES = 64 * 1024;

/** Begins a `POST /imports` with its fields; the file's bytes follow by `send`. Its last part is never ended. */
export function beginUpload(
  url: string,
  fields: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): StreamedUpload {
  const sending = request(`${url}/imports`, {
    method: 'POST',
    headers: { ...headers, 'Content-Type': `multipart/form-data; boundary=${BOUNDARY}` },
  });
  const answer = readAnswer(sending);
  // When a test fails earlier, nothing awaits this promise.
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
