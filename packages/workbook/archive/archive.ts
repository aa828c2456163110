/**
 * The parts of a workbook: entries of a zip archive. Its directory stands at its end, so the whole file must be there.
 *
 * Whoever sends an archive may lie in it. What is read is bounded, however little it is compressed to. Names lead nowhere, because nothing is
 * unpacked to a disk. Archives within the archive are not opened. Every entry is compared with its checksum.
 */
import type { FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';
import { type Entry, fromFd, type Options, type ZipFile } from 'yauzl';
import { notTaken, oversized, unreadable } from '../unreadable.ts';

/** Entries of an archive, at most: a workbook has a few for each sheet and picture. */
const MAX_ENTRIES = 10_000;
/** Bytes that are unpacked of one workbook, at most. A million rows of twenty columns take a quarter of it. */
const MAX_UNPACKED_BYTES = 4 * 1024 ** 3;
/** Bytes that are unpacked whatever the archive's size. */
const FREE_BYTES = 64 * 1024 ** 2;
/** Bytes that one byte of the archive may become, beyond these: sheets become 5 to 50. */
const MAX_RATIO = 250;
/** Bytes of a part that is read into memory, at most. */
const MAX_PART_BYTES = 16 * 1024 ** 2;

const STORED = 0;
const DEFLATED = 8;

export interface ArchiveLimits {
  readonly maxUnpackedBytes: number;
  readonly freeBytes: number;
}

export class Archive {
  readonly #zip: ZipFile;
  readonly #entries: ReadonlyMap<string, Entry>;
  readonly #maxBytes: number;
  #unpacked = 0;

  private constructor(zip: ZipFile, entries: ReadonlyMap<string, Entry>, maxBytes: number) {
    this.#zip = zip;
    this.#entries = entries;
    this.#maxBytes = maxBytes;
  }

  /** The file stays the caller's, who closes it. @throws CsvError workbook_unreadable */
  static async open(file: FileHandle, limits: Partial<ArchiveLimits> = {}): Promise<Archive> {
    const { maxUnpackedBytes = MAX_UNPACKED_BYTES, freeBytes = FREE_BYTES } = limits;
    const { size } = await file.stat();
    const zip = await openZip(file.fd);
    if (zip.entryCount > MAX_ENTRIES) throw unreadable(`it has ${zip.entryCount} parts`);
    const maxBytes = Math.min(maxUnpackedBytes, freeBytes + size * MAX_RATIO);
    return new Archive(zip, await readEntries(zip), maxBytes);
  }

  has(name: string): boolean {
    return this.#entries.has(keyOf(name));
  }

  /** The bytes of a part. @throws CsvError workbook_unreadable, file_too_large */
  async *read(name: string): AsyncGenerator<Buffer> {
    const entry = this.#entries.get(keyOf(name));
    if (entry === undefined) throw unreadable(`its part “${name.slice(0, 100)}” is missing`);
    refuseUnreadable(entry);
    let checksum = 0;
    try {
      const stream = await promisify<Entry, NodeJS.ReadableStream>(this.#zip.openReadStream.bind(this.#zip))(
        entry,
      );
      for await (const bytes of stream as AsyncIterable<Buffer>) {
        this.#unpacked += bytes.length;
        if (this.#unpacked > this.#maxBytes) throw this.#unpacksTooMuch();
        checksum = crc32(bytes, checksum);
        yield bytes;
      }
    } catch (error) {
      throw readFailure(error);
    }
    if (checksum !== entry.crc32) throw unreadable('a part of it is damaged');
  }

  /** A part that fits into memory, as text. @throws CsvError as `read` */
  async text(name: string): Promise<string> {
    const parts: Buffer[] = [];
    let length = 0;
    for await (const bytes of this.read(name)) {
      length += bytes.length;
      if (length > MAX_PART_BYTES) throw unreadable(`its part “${name.slice(0, 100)}” is far too long`);
      parts.push(bytes);
    }
    return Buffer.concat(parts).toString('utf8');
  }

  #unpacksTooMuch() {
    return oversized(
      `The workbook unpacks to more than ${Math.floor(this.#maxBytes / 1024 ** 2)} MiB, which is not taken.`,
    );
  }
}

/** Writers differ in the case of names, and some begin them with a slash. */
function keyOf(name: string): string {
  return name.replace(/^\/+/, '').toLowerCase();
}

async function openZip(fd: number): Promise<ZipFile> {
  const options: Options = { lazyEntries: true, autoClose: false, validateEntrySizes: true };
  try {
    return await promisify<number, Options, ZipFile>(fromFd)(fd, options);
  } catch (error) {
    throw unreadable('it is cut off or damaged', error);
  }
}

function readEntries(zip: ZipFile): Promise<ReadonlyMap<string, Entry>> {
  return new Promise((resolve, reject) => {
    const entries = new Map<string, Entry>();
    zip.on('entry', (entry: Entry) => {
      const key = keyOf(entry.fileName);
      if (entries.has(key)) return reject(unreadable('it has two parts of one name'));
      entries.set(key, entry);
      zip.readEntry();
    });
    zip.once('end', () => resolve(entries));
    zip.once('error', (error) => reject(unreadable('it is cut off or damaged', error)));
    zip.readEntry();
  });
}

function refuseUnreadable(entry: Entry): void {
  if (entry.isEncrypted())
    throw notTaken('The workbook is encrypted. Open it, save it without a password, and drop that file.');
  if (entry.compressionMethod !== STORED && entry.compressionMethod !== DEFLATED)
    throw unreadable('it is compressed in an unusual way');
}

/** Errors of the system have a number; all others are about what stands in the archive. */
function readFailure(error: unknown): unknown {
  const isOurs = error instanceof Error && (error.name === 'CsvError' || 'syscall' in error);
  return isOurs ? error : unreadable('it is cut off or damaged', error);
}
