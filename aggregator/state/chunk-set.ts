/**
 * An immutable set of chunk numbers: a bitmap of at most 8 KiB, written as base64. It is a set and not a counter, so that a
 * report that is delivered twice counts once.
 */
import { MAX_CHUNKS } from '@tidings/contracts/imports/work.ts';

export class ChunkSet {
  static readonly empty = new ChunkSet(new Uint8Array(0), 0);
  readonly size: number;
  private readonly bits: Uint8Array;

  private constructor(bits: Uint8Array, size: number) {
    this.bits = bits;
    this.size = size;
  }

  /** Every chunk below `count`. */
  static below(count: number): ChunkSet {
    return ChunkSet.of(Array.from({ length: count }, (_, chunk) => chunk));
  }

  static of(chunks: Iterable<number>): ChunkSet {
    return ChunkSet.empty.with(...chunks);
  }

  static fromBase64(text: string): ChunkSet {
    const bits = new Uint8Array(Buffer.from(text, 'base64'));
    return new ChunkSet(
      bits,
      bits.reduce((size, byte) => size + countBits(byte), 0),
    );
  }

  toBase64(): string {
    return Buffer.from(this.bits).toString('base64');
  }

  has(chunk: number): boolean {
    return ((this.bits[chunk >> 3] ?? 0) & (1 << (chunk & 7))) !== 0;
  }

  /** @throws RangeError for a number below 0 or above the last chunk's */
  with(...chunks: number[]): ChunkSet {
    const missing = chunks.filter((chunk) => !this.has(chunk));
    if (missing.length === 0) return this;
    const highest = missing.reduce((most, chunk) => Math.max(most, chunk), 0);
    if (highest >= MAX_CHUNKS || missing.some((chunk) => chunk < 0))
      throw new RangeError('no chunk has such a number');
    const bits = new Uint8Array(Math.max(this.bits.length, (highest >> 3) + 1));
    bits.set(this.bits);
    let size = this.size;
    for (const chunk of missing) {
      const bit = 1 << (chunk & 7);
      const byte = bits[chunk >> 3] ?? 0;
      if ((byte & bit) === 0) size += 1;
      bits[chunk >> 3] = byte | bit;
    }
    return new ChunkSet(bits, size);
  }

  without(...chunks: number[]): ChunkSet {
    const known = [...new Set(chunks)].filter((chunk) => this.has(chunk));
    if (known.length === 0) return this;
    const bits = this.bits.slice();
    for (const chunk of known) bits[chunk >> 3] = (bits[chunk >> 3] ?? 0) & ~(1 << (chunk & 7));
    return new ChunkSet(bits, this.size - known.length);
  }

  /** Whether every chunk of the other set is in this one. */
  covers(other: ChunkSet): boolean {
    return other.bits.every((byte, index) => (byte & ~(this.bits[index] ?? 0)) === 0);
  }

  *[Symbol.iterator](): Iterator<number> {
    for (let chunk = 0; chunk < this.bits.length * 8; chunk += 1) if (this.has(chunk)) yield chunk;
  }
}

function countBits(byte: number): number {
  let count = 0;
  for (let rest = byte; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}
