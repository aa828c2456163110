/**
 * Requests and replies as records. A request has its id as its key; a reply has the request's `reply-to` as its key, so that every
 * client of the log puts it into the partition that the requester reads. All else stands in headers; the value is the body.
 * Header names that begin with `request-`, `reply-`, `retry-` or `tidings-`, but `retry-after`, and `correlation-id`, are reserved for this.
 */
import type { LogRecord, NewRecord, RecordHeaders } from '../event-log.ts';
import { PRODUCER_HEADER } from '../producer-name.ts';

export type RequestLane = 'normal' | 'heavy';

export interface RequestTopics extends Readonly<Record<RequestLane, string>> {
  readonly replies: string;
}

/** What a requester asks of a service. */
export interface ServiceRequest {
  readonly service: string;
  readonly method: string;
  /** The requester's own; default none. */
  readonly headers?: RecordHeaders;
  readonly body: Uint8Array;
  /** Milliseconds since 1970. Afterwards nobody waits for the reply, and no worker begins. */
  readonly deadline: number;
  /** Default: the id of the request. */
  readonly correlationId?: string;
}

/** A request as its worker gets it. */
export interface ReceivedRequest extends Required<ServiceRequest> {
  readonly requestId: string;
  /** The key of the reply. */
  readonly replyTo: string;
}

export interface Reply {
  /** An HTTP status: 200 to 599. */
  readonly status: number;
  readonly headers: RecordHeaders;
  readonly body: Uint8Array;
}

/** A reply, and the request that it answers. */
export interface AddressedReply extends Reply {
  readonly requestId: string;
  readonly replyTo: string;
}

type RequestAddress = Pick<ReceivedRequest, 'requestId' | 'replyTo' | 'correlationId'>;

/** Bytes of names and values of all headers. A record has room for them beside a body, and for the headers that a retry adds. */
const maxHeaderBytes = 16 * 1024;
/** Characters of a correlation id, an address, and the names of a service and a method. */
const maxNameLength = 200;

/** `Retry-After` is HTTP's, and no header of a retry topic has that name. */
const reserved = /^(?:request-|reply-|retry-(?!after$)|correlation-id$|tidings-)/;

/** @throws RangeError for a header whose name is reserved, names of more than 200 characters, or headers of more than 16 KiB */
export function encodeRequest(
  topic: string,
  request: Omit<ReceivedRequest, 'correlationId'> & ServiceRequest,
): NewRecord {
  const { requestId, replyTo, service, method, deadline, body, headers = {} } = request;
  requireOwn(headers);
  return {
    topic,
    key: requestId,
    value: body,
    headers: bounded({
      ...headers,
      'request-id': requestId,
      'request-service': service,
      'request-method': method,
      'request-deadline': String(deadline),
      'reply-to': replyTo,
      'correlation-id': request.correlationId ?? requestId,
    }),
  };
}

/** null where the record is no request. */
export function decodeRequest({ value, headers }: LogRecord): ReceivedRequest | null {
  const { 'request-id': requestId, 'request-service': service, 'request-method': method } = headers;
  const { 'reply-to': replyTo, 'correlation-id': correlationId = requestId } = headers;
  const deadline = wholeNumber(headers['request-deadline']);
  if (value === null || deadline === null || bytesOf(headers) > maxHeaderBytes) return null;
  if (!isName(requestId) || !isName(service) || !isName(method)) return null;
  if (!isName(replyTo) || !isName(correlationId)) return null;
  return {
    requestId,
    replyTo,
    correlationId,
    service,
    method,
    deadline,
    headers: ownHeaders(headers),
    body: value,
  };
}

/** @throws RangeError for a status, a header or headers that a reply cannot have */
export function encodeReply(
  topic: string,
  request: RequestAddress,
  { status, headers, body }: Reply,
): NewRecord {
  requireOwn(headers);
  if (!isStatus(status)) throw new RangeError(`The status ${status} of a reply is not 200 to 599.`);
  return {
    topic,
    key: request.replyTo,
    value: body,
    headers: bounded({
      ...headers,
      'request-id': request.requestId,
      'reply-status': String(status),
      'correlation-id': request.correlationId,
    }),
  };
}

/** null where the record is no reply. */
export function decodeReply({ key, value, headers }: LogRecord): AddressedReply | null {
  const { 'request-id': requestId } = headers;
  const status = wholeNumber(headers['reply-status']);
  if (value === null || status === null || !isStatus(status) || !requestId) return null;
  return { requestId, replyTo: key, status, headers: ownHeaders(headers), body: value };
}

/** @throws RangeError */
function bounded(headers: RecordHeaders): RecordHeaders {
  const long = ['request-service', 'request-method', 'correlation-id'].find(
    (name) => !isName(headers[name] ?? name),
  );
  if (long !== undefined)
    throw new RangeError(`The header ${long} is not 1 to ${maxNameLength} characters long.`);
  const bytes = bytesOf(headers);
  if (bytes > maxHeaderBytes)
    throw new RangeError(`${bytes} bytes of headers are more than ${maxHeaderBytes}.`);
  return headers;
}

function isName(text: string | undefined): text is string {
  return text !== undefined && text.length > 0 && text.length <= maxNameLength;
}

/** Who has written a record is no part of what it says. */
function bytesOf({ [PRODUCER_HEADER]: _producer, ...headers }: RecordHeaders): number {
  return Buffer.byteLength(Object.entries(headers).flat().join(''));
}

function isStatus(status: number): boolean {
  return Number.isInteger(status) && status >= 200 && status <= 599;
}

function requireOwn(headers: RecordHeaders): void {
  const taken = Object.keys(headers).find((name) => reserved.test(name));
  if (taken !== undefined) throw new RangeError(`The header name ${JSON.stringify(taken)} is reserved.`);
}

function ownHeaders(headers: RecordHeaders): RecordHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !reserved.test(name)));
}

function wholeNumber(text: string | undefined): number | null {
  const number = Number(text);
  return text !== undefined && /^\d+$/.test(text) && Number.isSafeInteger(number) ? number : null;
}
