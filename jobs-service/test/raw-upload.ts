/** Uploads as bytes on a connection, for what no client library would send. */

/** The head of an upload whose body comes in chunks of any size. */
export function uploadHead(headers = ''): string {
  return (
    'POST /imports HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n' +
    `Content-Type: multipart/form-data; boundary=b\r\n${headers}\r\n`
  );
}

export function bodyChunk(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
}

/** One part of the form, without the boundary that ends it. @param disposition what names it */
export function formPart(disposition: string, value: string): string {
  return `--b\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n${value}\r\n`;
}

/** A field of the form. */
export const formField = (name: string, value = '1') => formPart(`name="${name}"`, value);

export const filePart = formPart('name="file"; filename="contacts.csv"', 'email\nsomebody@example.org\n');

/** A file that is long enough for its import to be accepted, too short for a chunk, and does not end. */
export const begunFile = formPart(
  'name="file"; filename="contacts.csv"',
  `email\n${'somebody@example.org\n'.repeat(4_000)}`,
).slice(0, -2);
/** What ends such a file, and its form. */
export const endOfFile = '\r\n--b--\r\n';

/** A whole upload. */
export function wholeUpload(parts: string, headers = ''): string {
  return `${uploadHead(headers)}${bodyChunk(`${parts}--b--\r\n`)}0\r\n\r\n`;
}
