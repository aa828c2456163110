/** Requests to services and their answers, as callers and workers see them over HTTP. */

/** Bytes of a JSON body of a request, at most; a method may set less. */
export const MAX_REQUEST_BODY_BYTES = 256 * 1024;
/** Bytes of the file of a request or an answer, at most; a method may set less. */
export const MAX_REQUEST_FILE_BYTES = 8 * 1024 * 1024;

/** Objects and arrays inside each other in a JSON body of a request or an answer, at most: deeper ones overflow the stacks of workers. */
export const MAX_REQUEST_DEPTH = 64;

/** Seconds for which a request is held where its caller names no time. */
export const DEFAULT_REQUEST_WAIT_SECONDS = 30;

/** Last parts of addresses below `/requests`, so that no method has such a name. */
export const reservedMethods = ['take', 'renew', 'reply'] as const;

/** 202 of `POST /requests/{service}/{method}` and `GET /requests/{id}`: the answer is not there yet. */
export interface WaitingRequest {
  readonly requestId: string;
}

/** What a request or an answer holds, as workers by HTTP see it. */
export type RequestContent =
  | { readonly json: unknown }
  | { readonly text: string }
  | { readonly base64: string; readonly contentType: string }
  | RequestForm;

/** A file with the fields that came with it; an answer has none. */
export interface RequestForm {
  readonly fields?: Readonly<Record<string, string>>;
  readonly file: { readonly name: string; readonly contentType: string; readonly base64: string };
}

/** `POST /requests/{service}/take`, body. */
export interface TakeRequest {
  /** Default: both. */
  readonly lane?: 'normal' | 'heavy';
  /** Seconds to wait for a request, at most; 0 to 60. */
  readonly wait: number;
}

/** 200 of `POST /requests/{service}/take`. */
export interface TakenRequest {
  readonly requestId: string;
  readonly method: string;
  readonly lane: 'normal' | 'heavy';
  /** From 1. */
  readonly attempt: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: RequestContent;
  /** Shows that the request was handed to this worker. */
  readonly lease: string;
  /** ISO time at which the request is handed out again, unless the lease is renewed. */
  readonly leaseEndsAt: string;
  /** ISO time after which nobody waits for the answer. */
  readonly deadline: string;
}

/** `POST /requests/{id}/reply`, body. */
export interface RequestReply {
  readonly lease: string;
  /**
   * An HTTP status: 200 to 599, and not 202, by which a caller hears that the answer is not there yet, nor 304. With 204 and 205 the caller
   * gets no body.
   */
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: RequestContent;
}

/** Headers of a reply: clients take a hundred of an answer at most (Python's do), and some are ours. */
export const MAX_REPLY_HEADERS = 50;
