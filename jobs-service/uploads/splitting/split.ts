/**
 * Splits an upload while it streams in. The first bytes tell the dialect, the header tells the columns, and each chunk of whole
 * records is appended to the log as soon as it is cut. Nothing is written to disk, and the file is never whole in memory.
 */
import type { Cause } from '@tidings/contracts/event.ts';
import type { InvalidFields } from '@tidings/contracts/files/upload.ts';
import type { FirstWork } from '@tidings/contracts/imports/folded-import.ts';
import { type ChunkWork, MAX_CHUNKS, type WorkPriority } from '@tidings/contracts/imports/work.ts';
import type { DuplicateRule } from '@tidings/contracts/owners/settings.ts';
import type { Chunk, HeaderRecord } from '@tidings/csv/cutting/cut.ts';
import { CsvError } from '@tidings/csv/errors.ts';
import { SNIFF_BYTES } from '@tidings/csv/sniff.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { isRetriable } from '@tidings/failures/failure.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';
import { sendChunk } from '../../to-log.ts';
import { toCsvProblem, tooLarge } from '../upload-failures.ts';
import type { ExpressShare } from './express-share.ts';
import { beginFile, type FileBeginning, readHeader } from './file-beginning.ts';
import { planColumns, type ReadColumns } from './plan-columns.ts';

/** Chunks of one upload that are appended at once. Further chunks wait, and the browser waits with them. */
export const CHUNKS_IN_FLIGHT = 8;

export interface SplitLimits {
  /** Bytes of the file. */
  readonly maxBytes: number;
  /** Rows of the file. */
  readonly maxRows: number;
}

export interface Split {
  readonly importId: string;
  readonly uploadId: string;
  readonly owner: string;
  readonly expressShare: ExpressShare;
  /** As `expressChunksOf` gives it. */
  readonly expressChunks: number;
  readonly encoding?: string;
  readonly delimiter?: string;
  readonly headerLine?: number;
  /** What the first columns are for, where that is decided already; the others are for nothing, and the header's names say nothing. */
  readonly columns?: readonly string[];
  /** As of `planColumns`. */
  readonly mended?: ReadColumns;
  readonly dryRun: boolean;
  readonly defaultCountry: string | null;
  readonly duplicates: DuplicateRule;
  /** What is said of the columns of such a header: by the upload, or by an earlier one of the owner. */
  mappingOf(header: readonly string[]): Readonly<Record<string, string>> | undefined;
  readonly invalidFields?: InvalidFields;
  /** Called once the header is valid, before the first chunk is appended. Resolves with the cause of the chunks. */
  accept(header: readonly string[]): Promise<Cause>;
  /** Called before each bulk chunk is appended. Resolves when it may be. */
  giveWay(): Promise<void>;
  /** Called before each chunk is appended. Throws where no chunk may be appended any more. */
  check(): void;
}

export interface UploadedWorkbook {
  /** Bytes of the workbook. */
  readonly fileBytes: number;
}

/** What a splitter has taken in so far; it holds after a failure, too. */
export interface SplitProgress {
  /** Bytes of the file taken in; of a workbook, all of them. */
  bytes: number;
  /** Chunks handed to the log. */
  chunks: number;
  /** Rows of these chunks. */
  rows: number;
  /** Lines that are empty, or whose cells are all blank: they are no rows. */
  blankRows: number;
  /** Where the first chunk of each priority stands on the log; null before it is durable. */
  firstWork: FirstWork;
}

/** Which chunks will be reported: every one below `count`, or those that are named. */
export type ChunksOnLog = { readonly count: number; readonly rows: number } | { readonly pending: number[] };

/** A chunk whose append failed. It may be on the log all the same. */
interface RefusedChunk {
  readonly work: ChunkWork;
  readonly bytes: Uint8Array;
  readonly cause: Cause;
  readonly priority: WorkPriority;
}

interface Prepared extends Omit<FileBeginning, 'text'> {
  header: string[];
  columns: string[];
  isExport: boolean;
  cutsBlankCells: boolean;
  cause: Cause | null;
}

/** Splits one upload. */
export class Splitter {
  readonly progress: SplitProgress = {
    bytes: 0,
    chunks: 0,
    rows: 0,
    blankRows: 0,
    firstWork: { express: null, bulk: null },
  };
  readonly #log: EventLog;
  readonly #split: Split;
  readonly #limits: SplitLimits;
  /** Of which a chunk has been sent. */
  readonly #sentPriorities = new Set<WorkPriority>();
  readonly #inFlight: Promise<unknown>[] = [];
  /** `CHUNKS_IN_FLIGHT` at most: no chunk is cut after the first append has failed. */
  #refused: RefusedChunk[] = [];
  /** Numbers of the chunks that the log refuses for good. */
  readonly #lost = new Set<number>();
  #prepared: Prepared | null = null;
  #first: Uint8Array[] = [];
  /** Bytes of text taken in. */
  #textBytes = 0;
  #isSheet = false;

  constructor(log: EventLog, split: Split, limits: SplitLimits) {
    this.#log = log;
    this.#split = split;
    this.#limits = limits;
  }

  /**
   * Takes the whole stream in; resolves when every chunk is durable.
   * @param workbook of which the text is a sheet; null for a text file
   * @throws Problem (bad file, over a limit), or what the stream or the log fails with
   */
  async run(stream: AsyncIterable<Uint8Array>, workbook: UploadedWorkbook | null = null): Promise<void> {
    this.#isSheet = workbook !== null;
    this.progress.bytes = workbook?.fileBytes ?? 0;
    try {
      for await (const bytes of stream) {
        this.#textBytes += bytes.length;
        if (workbook === null) this.progress.bytes = this.#textBytes;
        if (this.#textBytes > this.#limits.maxBytes) throw tooLarge(this.#limits.maxBytes);
        await this.#push(bytes);
      }
      if (this.#prepared === null) await this.#begin(true);
      const prepared = this.#prepared;
      if (prepared !== null) {
        await this.#take(prepared, prepared.cutter.push(prepared.source.end()));
        await this.#take(prepared, prepared.cutter.end());
      }
    } catch (error) {
      throw error instanceof CsvError ? toCsvProblem(error) : error;
    } finally {
      // After a failure, too: the upload's end is sent only when no append is under way.
      await Promise.allSettled(this.#inFlight);
    }
    await Promise.all(this.#inFlight);
  }

  /** Whether an append has failed. The chunk may be on the log all the same. */
  get hasRefused(): boolean {
    return this.#refused.length > 0;
  }

  /**
   * After a failure: appends the chunks whose append failed once more. A chunk that is on the log twice counts once. Resolves with
   * the chunks that are on the log then: all that `progress` counts, except those that the log refuses for good.
   * @throws the log's retriable error
   */
  async sendRefused(): Promise<ChunksOnLog> {
    for (const chunk of [...this.#refused]) {
      try {
        await sendChunk(this.#log, chunk.work, chunk.bytes, chunk.cause, chunk.priority);
      } catch (error) {
        if (isRetriable(error)) throw error;
        this.#lost.add(chunk.work.chunk);
      }
      this.#refused = this.#refused.filter((other) => other !== chunk);
    }
    const { chunks, rows } = this.progress;
    if (this.#lost.size === 0) return { count: chunks, rows };
    return {
      pending: Array.from({ length: chunks }, (_, chunk) => chunk).filter((chunk) => !this.#lost.has(chunk)),
    };
  }

  async #push(bytes: Uint8Array): Promise<void> {
    const prepared = this.#prepared;
    if (prepared !== null) return this.#take(prepared, prepared.cutter.push(prepared.source.push(bytes)));
    this.#first.push(bytes);
    if (this.#textBytes >= SNIFF_BYTES) await this.#begin(false);
  }

  async #begin(complete: boolean): Promise<void> {
    const first = Buffer.concat(this.#first);
    this.#first = [];
    const { encoding, delimiter, headerLine } = this.#split;
    const options = { complete, encoding, delimiter, headerLine, isSheet: this.#isSheet };
    const { text, ...beginning } = beginFile(first, options);
    const unread = { header: [], columns: [], isExport: false, cutsBlankCells: false, cause: null };
    const prepared = { ...beginning, ...unread };
    this.#prepared = prepared;
    await this.#take(prepared, prepared.cutter.push(text));
  }

  async #take(prepared: Prepared, chunks: readonly Chunk[]): Promise<void> {
    const { cutter, sniffed } = prepared;
    if (prepared.cause === null && (cutter.header !== null || sniffed.header !== null)) {
      this.#readHeader(prepared, cutter.header);
      prepared.cause = await this.#split.accept(prepared.header);
    }
    this.progress.blankRows = cutter.blankRows;
    if (prepared.cause === null) return;
    for (const chunk of chunks) await this.#send(prepared, chunk, prepared.cause);
  }

  /** @param record null for a file without a header */
  #readHeader(prepared: Prepared, record: HeaderRecord | null): void {
    const { cells: header, isExport, cutsBlankCells, sample, line } = readHeader(prepared, record);
    Object.assign(prepared, { header, isExport, cutsBlankCells });
    const { columns, mended, mappingOf } = this.#split;
    prepared.columns =
      columns === undefined
        ? planColumns({ header, sample, mapping: mappingOf(header), mended, line }).columns
        : header.map((_, index) => columns[index] ?? '');
  }

  #nextPriority(): WorkPriority {
    const { chunks } = this.progress;
    const { expressShare, expressChunks } = this.#split;
    const mayBeExpress = chunks < expressChunks && (chunks === 0 || this.#sentPriorities.has('express'));
    return mayBeExpress && expressShare.take(this.#split, chunks) ? 'express' : 'bulk';
  }

  async #send(prepared: Prepared, { bytes, shape }: Chunk, cause: Cause): Promise<void> {
    const { progress } = this;
    const { importId, uploadId, owner, defaultCountry, duplicates, dryRun, invalidFields } = this.#split;
    if (progress.rows + shape.rows > this.#limits.maxRows) throw tooManyRows(this.#limits.maxRows);
    if (progress.chunks >= MAX_CHUNKS) throw tooLarge(this.#limits.maxBytes);
    if (this.#inFlight.length >= CHUNKS_IN_FLIGHT) await this.#inFlight.shift();
    const priority = this.#nextPriority();
    if (priority === 'bulk') await this.#split.giveWay();
    this.#split.check();
    const { header, columns, isExport, cutsBlankCells } = prepared;
    const { dialect, isSheet, hasUnnamedColumn } = prepared.sniffed;
    const work: ChunkWork = {
      importId,
      uploadId,
      owner,
      chunk: progress.chunks,
      dialect,
      header,
      columns,
      defaultCountry,
      duplicates,
      dryRun,
      restoreCells: isExport,
      invalidFields,
      ...(cutsBlankCells ? { cutsBlankCells } : {}),
      ...(hasUnnamedColumn && !isExport ? { countsSurplusCells: true } : {}),
      ...(isSheet ? { hasLineBreaks: true } : {}),
      shape,
      fileBytes: progress.bytes,
    };
    progress.chunks += 1;
    progress.rows += shape.rows;
    const isFirst = !this.#sentPriorities.has(priority);
    this.#sentPriorities.add(priority);
    const sent = sendChunk(this.#log, work, bytes, cause, priority).then((position) => {
      if (isFirst) progress.firstWork[priority] = position;
    });
    // The append is awaited later; here only a refused chunk is remembered.
    sent.catch(() => this.#refused.push({ work, bytes, cause, priority }));
    this.#inFlight.push(sent);
  }
}

function tooManyRows(maxRows: number): Problem {
  return new Problem(
    'too_many_rows',
    `The file has more than ${maxRows} rows. Split it, and send the parts.`,
    { field: 'file' },
  );
}
