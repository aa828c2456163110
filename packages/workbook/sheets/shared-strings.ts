/**
 * The texts that cells of a workbook share, by number. A workbook of a million contacts has millions of them, so those that are more than
 * a few stand in a spool, of which the blocks read last are in memory. Reading one is synchronous: the blocks come from the system's cache.
 */
import { readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { openSpool } from '../spool.ts';
import { oversized, unreadable } from '../unreadable.ts';

const BLOCK_BYTES = 16 * 1024;
/** Blocks in memory, at most: 16 MiB. */
const MAX_BLOCKS = 1024;
/** Texts of a workbook, at most; each takes four bytes of memory. */
const MAX_STRINGS = 16 * 1024 ** 2;

export class SharedStrings {
  readonly #maxBlocks: number;
  /** Where each text ends. */
  #ends = new Uint32Array(1024);
  #count = 0;
  /** Full blocks, those that came first in front: they leave first. To follow every use would cost more than reading one anew. */
  readonly #blocks = new Map<number, Buffer>();
  #last = Buffer.alloc(BLOCK_BYTES);
  #lastNumber = 0;
  #lastLength = 0;
  #spool: FileHandle | null = null;
  /** Full blocks that are not in the spool. */
  #unwritten: { readonly number: number; readonly block: Buffer }[] = [];

  constructor(maxBlocks = MAX_BLOCKS) {
    this.#maxBlocks = maxBlocks;
  }

  /** @throws CsvError file_too_large */
  add(text: string): void {
    if (this.#count >= MAX_STRINGS)
      throw oversized(`The workbook has more than ${MAX_STRINGS} different texts.`);
    // No UTF-16 unit takes more than three bytes.
    if (this.#lastLength + text.length * 3 < BLOCK_BYTES)
      this.#lastLength += this.#last.write(text, this.#lastLength);
    else this.#addInBlocks(Buffer.from(text));
    if (this.#count === this.#ends.length) {
      const larger = new Uint32Array(this.#ends.length * 2);
      larger.set(this.#ends);
      this.#ends = larger;
    }
    this.#ends[this.#count++] = this.#lastNumber * BLOCK_BYTES + this.#lastLength;
  }

  /** Call it between texts, once and again: it writes down what memory is not to keep. */
  async settle(): Promise<void> {
    if (this.#lastNumber <= this.#maxBlocks) return;
    this.#spool ??= await openSpool();
    for (const { number, block } of this.#unwritten)
      await this.#spool.write(block, 0, BLOCK_BYTES, number * BLOCK_BYTES);
    this.#unwritten = [];
    for (const number of this.#blocks.keys()) {
      if (this.#blocks.size <= this.#maxBlocks) break;
      this.#blocks.delete(number);
    }
  }

  /** @throws CsvError workbook_unreadable: the number stands for no text, so that nobody knows what the cell held */
  get(index: number): string {
    if (!(Number.isInteger(index) && index >= 0 && index < this.#count))
      throw unreadable('a cell names a text that is not there');
    const from = index === 0 ? 0 : (this.#ends[index - 1] ?? 0);
    const to = this.#ends[index] ?? from;
    const number = Math.floor(from / BLOCK_BYTES);
    const offset = from - number * BLOCK_BYTES;
    if (offset + to - from <= BLOCK_BYTES)
      return this.#block(number).toString('utf8', offset, offset + to - from);
    const parts: Buffer[] = [];
    for (let at = from; at < to; ) {
      const start = at % BLOCK_BYTES;
      const length = Math.min(BLOCK_BYTES - start, to - at);
      parts.push(this.#block((at - start) / BLOCK_BYTES).subarray(start, start + length));
      at += length;
    }
    return Buffer.concat(parts).toString('utf8');
  }

  async close(): Promise<void> {
    await this.#spool?.close();
    this.#spool = null;
  }

  #addInBlocks(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) {
      const copied = bytes.copy(this.#last, this.#lastLength, at);
      at += copied;
      this.#lastLength += copied;
      if (this.#lastLength === BLOCK_BYTES) this.#finishBlock();
    }
  }

  #finishBlock(): void {
    const block = this.#last;
    this.#blocks.set(this.#lastNumber, block);
    this.#unwritten.push({ number: this.#lastNumber, block });
    this.#last = Buffer.alloc(BLOCK_BYTES);
    this.#lastNumber++;
    this.#lastLength = 0;
  }

  #block(number: number): Buffer {
    if (number === this.#lastNumber) return this.#last;
    const known = this.#blocks.get(number);
    if (known !== undefined || this.#spool === null) return known ?? Buffer.alloc(0);
    const block = Buffer.allocUnsafe(BLOCK_BYTES);
    readSync(this.#spool.fd, block, 0, BLOCK_BYTES, number * BLOCK_BYTES);
    this.#blocks.set(number, block);
    const [oldest] = this.#blocks.keys();
    if (this.#blocks.size > this.#maxBlocks && oldest !== undefined) this.#blocks.delete(oldest);
    return block;
  }
}
