import { closesQuotes, countLineEnds, countSeparators, isBlankRecord } from '../bytes.ts';

/** Bytes that a window has room for at least, unless told otherwise. */
export const WINDOW_BYTES = 512 * 1024;

/** The answer of `ByteFinder.next` when no such byte is in the window yet. Greater than any offset. */
export const NOT_YET = Number.MAX_SAFE_INTEGER;

/**
 * The part of a stream of bytes that is still needed, addressed by offsets from the stream's start.
 *
 * Memory: at most twice what lies between `keepFrom` and the end, and never less than `minCapacity`. Appending is linear
 * over all: bytes are moved only when at least as many have been dropped.
 */
export class ByteWindow {
  /** Offset after the last byte appended. */
  end = 0;
  /** Offset of the first byte still needed; the next `append` may drop the bytes before it. */
  keepFrom = 0;
  /** Bytes looked at by searches so far: the measure of the scan's work. */
  bytesSearched = 0;
  readonly #minCapacity: number;
  #base = 0;
  #storage: Uint8Array;
  #view: Uint8Array;

  constructor(minCapacity: number = WINDOW_BYTES) {
    this.#minCapacity = minCapacity;
    this.#storage = new Uint8Array(minCapacity);
    this.#view = viewOf(this.#storage, 0);
  }

  append(bytes: Uint8Array): void {
    if (this.end - this.#base + bytes.length > this.#storage.length) this.#makeRoom(bytes.length);
    this.#storage.set(bytes, this.end - this.#base);
    this.end += bytes.length;
    this.#view = viewOf(this.#storage, this.end - this.#base);
  }

  /** The byte at `offset`, which must lie in the window. */
  at(offset: number): number | undefined {
    return this.#view[offset - this.#base];
  }

  /** The offset of the first `byte` at or after `from`, or `NOT_YET`. */
  indexOf(byte: number, from: number): number {
    const found = this.#view.indexOf(byte, from - this.#base);
    const offset = found < 0 ? NOT_YET : found + this.#base;
    this.bytesSearched += (found < 0 ? this.end : offset + 1) - from;
    return offset;
  }

  /** An own copy of `[from, to)`. */
  copy(from: number, to: number): Uint8Array {
    return this.#storage.slice(from - this.#base, to - this.#base);
  }

  /** Lines that end in `[from, to)`. */
  lineEnds(from: number, to: number): number {
    this.bytesSearched += to - from;
    return countLineEnds(this.#view, from - this.#base, to - this.#base);
  }

  /** Delimiters that separate cells in the well-formed record `[from, to)`. */
  separators(from: number, to: number, delimiter: number): number {
    this.bytesSearched += to - from;
    return countSeparators(this.#view, from - this.#base, to - this.#base, delimiter);
  }

  /** Whether every cell of the record `[from, to)`, its newline aside, is blank. */
  isBlank(from: number, to: number, delimiter: number): boolean {
    return isBlankRecord(this.#view, from - this.#base, to - this.#base, delimiter);
  }

  /** Whether the quoted cells of the line `[from, to)` all open and close in it; `quote` is its first quote. */
  closesItsQuotes(from: number, quote: number, to: number, delimiter: number): boolean {
    this.bytesSearched += to - quote;
    const base = this.#base;
    return closesQuotes(this.#view, from - base, quote - base, to - base, delimiter);
  }

  #makeRoom(incoming: number): void {
    const start = Math.min(this.keepFrom, this.end) - this.#base;
    const live = this.end - this.#base - start;
    const capacity = Math.max(this.#minCapacity, 2 ** Math.ceil(Math.log2((live + incoming) * 1.5)));
    const target = capacity === this.#storage.length ? this.#storage : new Uint8Array(capacity);
    target.set(this.#storage.subarray(start, start + live));
    this.#storage = target;
    this.#base += start;
  }
}

/**
 * Finds the next byte of one value, and remembers its offset. With growing offsets it searches each
 * byte once; a smaller offset than before needs `rewind` first.
 */
export class ByteFinder {
  readonly #window: ByteWindow;
  readonly #byte: number;
  #position = -1;
  #searchedTo = 0;

  constructor(window: ByteWindow, byte: number) {
    this.#window = window;
    this.#byte = byte;
  }

  /** The first position at or after `from`, or `NOT_YET` if the window holds none. */
  next(from: number): number {
    if (this.#position >= from && this.#position !== NOT_YET) return this.#position;
    if (this.#position === NOT_YET && this.#searchedTo === this.#window.end) return NOT_YET;
    const start = this.#position === NOT_YET ? Math.max(from, this.#searchedTo) : from;
    this.#position = start >= this.#window.end ? NOT_YET : this.#window.indexOf(this.#byte, start);
    if (this.#position === NOT_YET) this.#searchedTo = this.#window.end;
    return this.#position;
  }

  /** Forgets the last answer, so that an earlier offset may be asked for. */
  rewind(): void {
    this.#position = -1;
  }
}

/** Node's `Buffer` searches about five times as fast as a plain `Uint8Array`; browsers have only the latter. */
function viewOf(storage: Uint8Array, length: number): Uint8Array {
  const Buffer: BufferConstructor | undefined = Reflect.get(globalThis, 'Buffer');
  return Buffer === undefined ? storage.subarray(0, length) : Buffer.from(storage.buffer, 0, length);
}

interface BufferConstructor {
  from(bytes: ArrayBufferLike, offset: number, length: number): Uint8Array;
}
