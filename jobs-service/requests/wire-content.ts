/** The content of requests and replies, as JSON for workers by HTTP, and as bytes with headers on the log. */
import { isUtf8 } from 'node:buffer';
import { MAX_REQUEST_FILE_BYTES, type RequestContent } from '@tidings/contracts/services/requests.ts';
import type { RecordHeaders } from '@tidings/event-log/event-log.ts';
import { attachmentNamed } from '@tidings/service-kit/http/content-disposition.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';
import type { RequestBody } from './request-body.ts';

/** Headers of a record that say what its file is; on the log the value is the file itself. */
const FILE_NAME = 'file-name';
const FIELDS = 'fields';
const CONTENT_TYPE = 'content-type';

/** What a caller sent as a form. */
export function fileOnLog(
  file: { readonly name: string; readonly contentType: string; readonly bytes: Uint8Array },
  fields: Readonly<Record<string, string>>,
): RequestBody {
  return {
    headers: { [CONTENT_TYPE]: file.contentType, [FILE_NAME]: file.name, [FIELDS]: JSON.stringify(fields) },
    body: file.bytes,
  };
}

/** Returns a text of JSON. A body is not written anew, because it may be nested without a bound. */
export function contentAsJson(headers: RecordHeaders, body: Uint8Array): string {
  const contentType = headers[CONTENT_TYPE] ?? 'application/octet-stream';
  const base64 = () => Buffer.from(body).toString('base64');
  const name = headers[FILE_NAME];
  if (name !== undefined)
    return `{"fields":${headers[FIELDS] ?? '{}'},"file":${JSON.stringify({ name, contentType, base64: base64() })}}`;
  if (!isUtf8(body)) return JSON.stringify({ base64: base64(), contentType });
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(body);
  if (/^application\/json\b/i.test(contentType) && isJson(text)) return `{"json":${text}}`;
  if (/^text\//i.test(contentType)) return JSON.stringify({ text });
  return JSON.stringify({ base64: base64(), contentType });
}

/** The headers of a record that a worker by HTTP gets beside the content. */
export function headersBeside(headers: RecordHeaders): RecordHeaders {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => name !== FILE_NAME && name !== FIELDS),
  );
}

/** @throws Problem request_too_large, invalid_request */
export function contentOnLog(content: RequestContent): RequestBody {
  // Half of a surrogate pair has no bytes: another character would silently stand for it. JSON writes it as an escape.
  if ('text' in content && /\p{Cs}/u.test(content.text))
    throw new Problem('invalid_request', '`body.text` holds half of a surrogate pair.', {
      field: 'body.text',
    });
  const onLog = encoded(content);
  if (onLog.body.byteLength > MAX_REQUEST_FILE_BYTES)
    throw new Problem('request_too_large', `A body has at most ${MAX_REQUEST_FILE_BYTES} bytes.`, {
      field: 'body',
    });
  return onLog;
}

function encoded(content: RequestContent): RequestBody {
  const bytes = (text: string) => new TextEncoder().encode(text);
  if ('json' in content)
    return { headers: { [CONTENT_TYPE]: 'application/json' }, body: bytes(toJson(content.json)) };
  if ('text' in content)
    return { headers: { [CONTENT_TYPE]: 'text/plain; charset=utf-8' }, body: bytes(content.text) };
  if ('base64' in content)
    return { headers: { [CONTENT_TYPE]: content.contentType }, body: Buffer.from(content.base64, 'base64') };
  const { name, contentType, base64 } = content.file;
  const plain = name.replaceAll(/[^\w.-]/g, '_');
  return {
    headers: { [CONTENT_TYPE]: contentType, 'content-disposition': attachmentNamed(name, plain) },
    body: Buffer.from(base64, 'base64'),
  };
}

function toJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'null';
  } catch {
    throw new Problem('invalid_request', '`body.json` is nested too deeply.', { field: 'body.json' });
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
