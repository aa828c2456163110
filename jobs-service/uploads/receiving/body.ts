/**
 * The body of an upload's request, between the request and multer. It fails with a problem where the request is too long, too slow
 * or silent, so that the form, the file and the import end the same way. The request itself stays open, so that it can be answered.
 */

import { Transform, type TransformCallback } from 'node:stream';
import { Problem } from '@tidings/service-kit/http/problem.ts';
import type { Request } from 'express';

export interface BodyLimits {
  /** Bytes of the whole request. */
  readonly maxBytes: number;
  /** Bytes of the request before the file begins. */
  readonly startBytes: number;
  /** Milliseconds before the file begins. */
  readonly startMs: number;
  /** Milliseconds without a byte while the request is being read. */
  readonly idleMs: number;
  /** Milliseconds of reading after which the pace is checked. */
  readonly paceMs: number;
  /** Bytes a second, over `paceMs`, at least. */
  readonly bytesPerSecond: number;
}

/** Bytes that are buffered, at most: several reads of a socket. */
const BUFFER_BYTES = 256 * 1024;
/** How often `paceMs` is checked in its own time. */
const PACE_CHECKS = 4;

export class UploadBody extends Transform {
  /** All that multer reads of a request besides its bytes. */
  readonly headers: Request['headers'];
  /** The fields so far, written by multer. */
  body: unknown = {};
  /** Whether the file has begun. */
  hasFile = false;
  /** Whether the upload has failed because its sender is slow. */
  isTooSlow = false;
  /** Whether the connection was lost, or seems to be: another one may bring the rest. */
  isBroken = false;
  readonly #request: Request;
  readonly #limits: BodyLimits;
  readonly #timers: NodeJS.Timeout[];
  readonly #idle: NodeJS.Timeout;
  readonly #pace = { bytes: 0, readMs: 0, since: performance.now() };
  #bytes = 0;

  constructor(request: Request, limits: BodyLimits) {
    super({ highWaterMark: BUFFER_BYTES });
    this.headers = request.headers;
    this.#request = request;
    this.#limits = limits;
    this.#idle = setTimeout(() => this.#noticeSilence(), limits.idleMs);
    this.#timers = [
      this.#idle,
      setTimeout(() => this.#noticeLateStart(), limits.startMs),
      setInterval(() => this.#noticePace(), limits.paceMs / PACE_CHECKS),
    ];
    // An error after multer has stopped reading has no other listener, and would end the process.
    this.on('error', () => undefined);
    this.once('close', () => this.#leave());
    this.#follow();
  }

  override _transform(bytes: Buffer, _encoding: string, done: TransformCallback): void {
    const { maxBytes, startBytes } = this.#limits;
    const room = startBytes - this.#bytes;
    this.#bytes += bytes.length;
    this.#pace.bytes += bytes.length;
    this.#idle.refresh();
    if (this.#bytes > maxBytes) done(tooLong(maxBytes));
    else if (this.hasFile || bytes.length <= room) done(null, bytes);
    else {
      this.push(bytes.subarray(0, room));
      // Multer reads what was pushed before this turn of the event loop ends.
      setImmediate(() => {
        if (this.hasFile) done(null, bytes.subarray(room));
        else done(lateStart(`in the first ${startBytes} bytes of the request`));
      });
    }
  }

  /** Ends it as if the connection had broken off. */
  breakOff(): void {
    if (this.destroyed) return;
    this.isBroken = true;
    this.destroy(new Problem('upload_broken_off', BROKEN_OFF));
  }

  /** Ends the connection: its sender has no other sign that nothing more of it is read. */
  hangUp(): void {
    // A request that has come whole does not end its connection.
    this.#request.socket.destroy();
  }

  #follow(): void {
    const request = this.#request;
    request.on('pause', () => this.#countReading(false));
    request.on('resume', () => {
      this.#countReading(true);
      this.#idle.refresh();
    });
    request.once('end', () => this.#stopTimers());
    // The request may have been destroyed while its token was verified.
    if (request.destroyed) return void this.breakOff();
    request.once('close', () => {
      if (!request.readableEnded) this.breakOff();
    });
    request.pipe(this);
  }

  /** Discards the rest of the request. */
  #leave(): void {
    this.#stopTimers();
    this.#request.unpipe(this);
    this.#request.resume();
  }

  #stopTimers(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  /** Counts only the time in which the request is read: a sender that waits for the log is not slow. */
  #countReading(wasPaused: boolean): void {
    const now = performance.now();
    if (!wasPaused) this.#pace.readMs += now - this.#pace.since;
    this.#pace.since = now;
  }

  #noticeSilence(): void {
    if (this.#request.isPaused()) return void this.#idle.refresh();
    this.isBroken = true;
    this.#cutOff(`Nothing has come for ${inSeconds(this.#limits.idleMs)} s`);
  }

  #noticeLateStart(): void {
    if (this.hasFile) return;
    this.isTooSlow = true;
    this.destroy(lateStart(`within ${inSeconds(this.#limits.startMs)} s`));
  }

  #noticePace(): void {
    const { paceMs, bytesPerSecond } = this.#limits;
    this.#countReading(this.#request.isPaused());
    const { bytes, readMs } = this.#pace;
    if (readMs < paceMs) return;
    if ((bytes * 1000) / readMs < bytesPerSecond) {
      this.#cutOff(`Less than ${bytesPerSecond} bytes a second came in the last ${inSeconds(readMs)} s`);
    }
    Object.assign(this.#pace, { bytes: 0, readMs: 0 });
  }

  #cutOff(reason: string): void {
    this.isTooSlow = true;
    this.destroy(new Problem('upload_broken_off', `${reason}. Send the file again.`));
  }
}

/** Else compressed bytes would be taken for those of the file. @throws Problem invalid_request */
export function refuseEncoded({ headers }: Pick<Request, 'headers'>): void {
  const { 'content-encoding': encoding = 'identity' } = headers;
  if (encoding.toLowerCase() === 'identity') return;
  const message = 'Send the bytes as they are: no `Content-Encoding` is undone here.';
  throw new Problem('invalid_request', message, { field: 'Content-Encoding' });
}

const BROKEN_OFF = 'The connection broke off before the last byte. Send the file again.';

function lateStart(where: string): Problem {
  const message = `The file did not begin ${where}: send few and short fields, and then the file.`;
  return new Problem('upload_broken_off', message, { field: 'file' });
}

function tooLong(maxBytes: number): Problem {
  const message = `The request is longer than ${maxBytes} bytes, which hold the largest file that is taken, and its fields.`;
  return new Problem('file_too_large', message, { field: 'file' });
}

function inSeconds(milliseconds: number): number {
  return Math.ceil(milliseconds / 1000);
}
