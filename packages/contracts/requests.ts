/** Requests to services and their answers, as callers and workers see them over HTTP. */

/** Bytes of a JSON body of a request, at most; a method may set less. */
export const MAX_REQUEST_BODY_BYTES = 256 * 1024;
/** Bytes of the file of a request or an answer, at most; a method may set less. */
export const MAX_REQUEST_FILE_BYTES = 8 * 1024 * 1024;

/** Seconds for which a request is held where its caller names no time. */
export const DEFAULT_REQUEST_WAIT_SECONDS = 30;

/** Last parts of addresses below `/requests`, so that no method has such a name. */
export const reservedMethods = ['take', 'renew', 'reply'] as const;

/** 202 of `POST /requests/{service}/{method}` and `GET /requests/{id}`: the answer is not there yet. */
export interface WaitingRequest {
  readonly requestId: string;
}
