import type { FileHandle } from 'node:fs/promises';
import { mkdir, open, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '@tidings/failures/failure.ts';
import type { SegmentReference } from './record-codec.ts';

/** A segment takes no more values once it has reached this size, in bytes. */
const segmentBytes = 32 * 1024 * 1024;
/** Segment files that are kept open for reading. */
const maxOpenSegments = 16;

/** The segment was deleted after the reference was read. The index has a new reference to the value, or none. Never leaves the engine. */
export class SegmentGoneError extends Failure<'segment_gone'> {
  override readonly name = 'SegmentGoneError';

  constructor(segment: number) {
    super('segment_gone', `Segment ${segment} does not exist any more.`, { retriable: true });
  }
}

interface OpenSegment {
  readonly handle: Promise<FileHandle>;
  users: number;
  dropped: boolean;
}

/**
 * Append-only files for the bytes of large values: `0000000001.seg`, `0000000002.seg`, … Values stand one after another,
 * with nothing between; only the index says where each begins. Bytes without an index entry, which a crash may leave, are
 * harmless, and go with their segment. Each start begins a new segment.
 */
export class SegmentStore {
  private readonly directory: string;
  /** Bytes in use, by segment. */
  private live: Map<number, number>;
  private readonly written = new Map<number, number>();
  private readonly open = new Map<number, OpenSegment>();
  private writer: FileHandle | null = null;
  private current: number;
  private position = 0;

  private constructor(directory: string, live: Map<number, number>, newest: number) {
    this.directory = directory;
    this.live = live;
    this.current = newest;
  }

  /** `live`: the bytes in use of each segment that the index refers to. Every other file is deleted. */
  static async open(directory: string, live: Map<number, number>): Promise<SegmentStore> {
    await mkdir(directory, { recursive: true });
    let newest = 0;
    for (const file of await readdir(directory)) {
      const segment = Number.parseInt(file, 10);
      newest = Math.max(newest, segment);
      if (!live.has(segment)) await unlink(join(directory, file));
    }
    const store = new SegmentStore(directory, live, newest);
    for (const segment of live.keys()) store.written.set(segment, segmentBytes);
    return store;
  }

  /** Resolves when the bytes are on the disk. Its calls never overlap. */
  async append(values: readonly Uint8Array[], onWritten: () => void): Promise<SegmentReference[]> {
    const total = values.reduce((sum, value) => sum + value.byteLength, 0);
    const writer = await this.writerFor(total);
    const start = this.position;
    try {
      const { bytesWritten } = await writer.writev([...values], start);
      if (bytesWritten !== total) throw new Error(`Wrote ${bytesWritten} of ${total} bytes to a segment.`);
      onWritten();
      await writer.datasync();
    } catch (error) {
      // The state of this file is unknown after a failure, so the next values go to a new file.
      await this.seal().catch(() => undefined);
      throw error;
    }
    this.position = start + total;
    this.written.set(this.current, this.position);
    let position = start;
    return values.map((value) => {
      const reference = { segment: this.current, position, length: value.byteLength };
      position += value.byteLength;
      return reference;
    });
  }

  private async writerFor(bytes: number): Promise<FileHandle> {
    if (this.writer && this.position > 0 && this.position + bytes > segmentBytes) await this.seal();
    if (!this.writer) {
      this.current += 1;
      this.position = 0;
      this.writer = await open(this.path(this.current), 'wx');
      // Without this, a power failure could lose the new file's name although its bytes are safe.
      await syncDirectory(this.directory);
    }
    return this.writer;
  }

  private async seal(): Promise<void> {
    const writer = this.writer;
    this.writer = null;
    await writer?.close();
  }

  /** Rejects with SegmentGoneError when the segment was deleted meanwhile. */
  async read(reference: SegmentReference): Promise<Uint8Array> {
    const segment = this.acquire(reference.segment);
    try {
      const handle = await segment.handle;
      // Not from the pool, so that a value in use keeps no other bytes in memory.
      const bytes = new Uint8Array(reference.length);
      const { bytesRead } = await handle.read(bytes, 0, reference.length, reference.position);
      if (bytesRead !== reference.length) throw new Error(`Segment ${reference.segment} is cut short.`);
      return bytes;
    } catch (error) {
      const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      throw missing ? new SegmentGoneError(reference.segment) : error;
    } finally {
      this.release(segment);
    }
  }

  private acquire(number: number): OpenSegment {
    const known = this.open.get(number);
    const segment = known ?? { handle: open(this.path(number), 'r'), users: 0, dropped: false };
    segment.users += 1;
    this.open.delete(number);
    this.open.set(number, segment);
    if (!known) {
      segment.handle.catch(() => this.open.delete(number));
      this.dropOldest();
    }
    return segment;
  }

  private dropOldest(): void {
    for (const [number] of this.open) {
      if (this.open.size <= maxOpenSegments) return;
      this.drop(number);
    }
  }

  private drop(number: number): void {
    const segment = this.open.get(number);
    if (!segment) return;
    this.open.delete(number);
    segment.dropped = true;
    this.closeUnused(segment);
  }

  private release(segment: OpenSegment): void {
    segment.users -= 1;
    this.closeUnused(segment);
  }

  private closeUnused(segment: OpenSegment): void {
    if (!segment.dropped || segment.users > 0) return;
    segment.handle.then((handle) => handle.close()).catch(() => undefined);
  }

  /** Sets the bytes in use from the index. */
  recount(live: Map<number, number>): void {
    this.live = live;
  }

  /** Counts bytes to which the index now refers. */
  retain(references: readonly SegmentReference[]): void {
    for (const { segment, length } of references)
      this.live.set(segment, (this.live.get(segment) ?? 0) + length);
  }

  /** Uncounts bytes to which the index no longer refers. */
  forget(references: readonly SegmentReference[]): void {
    for (const { segment, length } of references)
      this.live.set(segment, (this.live.get(segment) ?? 0) - length);
  }

  /** Segments that can be deleted: full ones, without anything in use. */
  empty(): number[] {
    return this.sealed().filter((segment) => (this.live.get(segment) ?? 0) <= 0);
  }

  /** Full segments with less than a quarter of their bytes in use: moving these frees the rest. */
  sparse(): number[] {
    return this.sealed().filter((segment) => {
      const live = this.live.get(segment) ?? 0;
      return live > 0 && live * 4 < (this.written.get(segment) ?? 0);
    });
  }

  private sealed(): number[] {
    return [...this.written.keys()].filter((segment) => segment !== this.current || this.writer === null);
  }

  /** Deletes the file. Call it only after the index has durably forgotten its values. */
  async delete(segment: number): Promise<void> {
    this.drop(segment);
    this.written.delete(segment);
    this.live.delete(segment);
    await unlink(this.path(segment));
  }

  async close(): Promise<void> {
    await this.seal();
    for (const number of [...this.open.keys()]) this.drop(number);
  }

  private path(segment: number): string {
    return join(this.directory, `${String(segment).padStart(10, '0')}.seg`);
  }
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
