/**
 * The file of an upload whose bytes may come over one connection after another. Where a connection breaks off, the file waits for
 * the next one, which brings the bytes from where the file stands: what was read stays read.
 */
import { Problem } from '@tidings/service-kit/http/problem.ts';
import type { UploadBody } from './body.ts';

/** What brings the bytes of a file, or a part of them. */
export interface FileConnection {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Of the request: the bytes fail when it does. */
  readonly body: Pick<UploadBody, 'isBroken' | 'breakOff' | 'hangUp' | 'destroy'>;
  /** Bytes of the whole file, as its request says; null where it does not. */
  readonly fileBytes?: number | null;
}

/** Connections that bring one file, at most: each may be slow for a while before its pace is looked at. */
const MAX_CONNECTIONS = 100;
/** Milliseconds in which the bytes that have come are worked off, once a connection has been broken off. */
const QUIET_WAIT_MS = 10_000;
/** Seconds after which a sender may ask again. */
const RETRY_AFTER_SECONDS = 5;

interface Waiting {
  readonly goOn: () => void;
  readonly giveUp: (reason: unknown) => void;
  /** Why the connection before has failed. */
  readonly failure: unknown;
  readonly timer: NodeJS.Timeout;
}

export class ResumableFile implements AsyncIterable<Uint8Array> {
  readonly #holdMs: number;
  readonly #leastBytes: number;
  readonly #listeners = new Set<() => void>();
  #connection: FileConnection;
  #connections = 1;
  #offset = 0;
  /** Not null while no connection brings bytes. */
  #waiting: Waiting | null = null;
  #isOver = false;
  #isHeld = true;

  /**
   * @param holdMs milliseconds that the file waits for the next connection, at most; 0: it does not wait
   * @param leastBytes of the file, as its first request says: one that ends before has lost its end. Default: it does not
   */
  constructor(first: FileConnection, holdMs: number, leastBytes = 0) {
    this.#connection = first;
    this.#holdMs = holdMs;
    this.#leastBytes = leastBytes;
  }

  /** Whether another connection than the first one has brought bytes of it. */
  get wasResumed(): boolean {
    return this.#connections > 1;
  }

  /** Whether it waits for another connection. */
  get isBroken(): boolean {
    return this.#waiting !== null;
  }

  /** Whether it takes no more bytes. */
  get hasEnded(): boolean {
    return this.#isOver;
  }

  /** To be read once. Fails with what the last connection has failed with. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        try {
          for await (const bytes of this.#connection.bytes) {
            this.#offset += bytes.length;
            yield bytes;
          }
          if (this.#isWhole()) return;
          this.#connection.body.isBroken = true;
          const message =
            'The file has not the length that was said of it. Ask where it stands, and send the rest.';
          throw new Problem('upload_broken_off', message);
        } catch (error) {
          await this.#next(error);
        }
      }
    } finally {
      this.#isOver = true;
      this.#tell();
    }
  }

  /**
   * Resolves with the bytes that were read, once no connection brings any: one that seems to is broken off. Its sender may be gone
   * long before this side notices. Resolves with null where the file has ended, and takes no more.
   * @throws Problem upload_in_progress, where the bytes that have come are not worked off in time
   */
  async standsAt(): Promise<number | null> {
    if (this.#waiting === null && !this.#isOver) {
      this.breakOff();
      await this.#untilQuiet();
    }
    return this.#isOver ? null : this.#offset;
  }

  /**
   * Goes on with the bytes of a connection.
   * @param offset in bytes, from which it brings them
   * @throws Problem wrong_offset, where the file does not wait for them
   */
  resume(offset: number, next: FileConnection): void {
    const waiting = this.#waiting;
    if (waiting === null || offset !== this.#offset) throw wrongOffset();
    clearTimeout(waiting.timer);
    this.#waiting = null;
    this.#connections += 1;
    this.#connection = next;
    waiting.goOn();
  }

  /** Ends the connection that brings bytes, or seems to, or brings what comes behind them. */
  breakOff(): void {
    this.#connection.body.breakOff();
  }

  /** Its bytes fail with the problem, now. */
  fail(problem: Problem): void {
    this.#isHeld = false;
    if (this.#waiting === null) this.#connection.body.destroy(problem);
    else this.#giveUp(problem);
  }

  /** It waits for no further connection. */
  letGo(): void {
    this.#isHeld = false;
    this.#giveUp(this.#waiting?.failure);
  }

  /** Once a connection has brought its last byte. A proxy may end a request in good order whose sender is gone. */
  #isWhole(): boolean {
    const { fileBytes = null } = this.#connection;
    return fileBytes === null ? this.#offset >= this.#leastBytes : this.#offset === fileBytes;
  }

  #giveUp(reason: unknown): void {
    const waiting = this.#waiting;
    if (waiting === null) return;
    clearTimeout(waiting.timer);
    this.#waiting = null;
    waiting.giveUp(reason);
  }

  /** Resolves once the next connection brings bytes. */
  async #next(failure: unknown): Promise<void> {
    const mayWait = this.#holdMs > 0 && this.#isHeld && this.#connections < MAX_CONNECTIONS;
    if (!mayWait || !this.#connection.body.isBroken) throw failure;
    this.#connection.body.hangUp();
    await new Promise<void>((goOn, giveUp) => {
      const timer = setTimeout(() => this.#giveUp(failure), this.#holdMs);
      this.#waiting = { goOn, giveUp, failure, timer };
      this.#tell();
    });
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  #untilQuiet(): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        clearTimeout(timer);
        this.#listeners.delete(quiet);
      };
      const quiet = () => {
        leave();
        resolve();
      };
      const timer = setTimeout(() => {
        leave();
        reject(stillBusy());
      }, QUIET_WAIT_MS);
      this.#listeners.add(quiet);
    });
  }
}

export function wrongOffset(): Problem {
  const message =
    'The upload does not stand at this offset. Ask where it stands, and send the bytes from there.';
  return new Problem('wrong_offset', message, { field: 'Upload-Offset' });
}

function stillBusy(): Problem {
  const message = `What has come of the upload is still being worked off. Try again in ${RETRY_AFTER_SECONDS} seconds.`;
  return new Problem('upload_in_progress', message, { retryAfterSeconds: RETRY_AFTER_SECONDS });
}
