/**
 * Which chunks of an upload are express. The first chunks of every import are, as long as their owner stays within a share: an
 * owner of many short imports would otherwise keep the express lane for itself. What exceeds the share waits with the bulk chunks.
 */
import { hasEnded, type ImportState } from '@tidings/contracts/imports/import.ts';
import { EXPRESS_CHUNKS, EXPRESS_CHUNKS_OF_LONG } from '@tidings/contracts/imports/work.ts';
import { MAX_RECORD_BYTES } from '@tidings/contracts/limits.ts';
import type { FoldedImports } from '../../imports/folded-from-log.ts';

/**
 * An import is express where its owner has fewer unfinished express chunks than these, of those that one process receives. It bounds
 * what stands on the lane before another owner's chunk; a share of chunks in a time would not, where importers are slower than uploads.
 */
export const EXPRESS_SHARE = 4;

/** Milliseconds after which a chunk counts no more, reported or not. */
const COUNTED_MS = 60_000;

/**
 * Whether an upload has more chunks than are express. One that does not say its length is taken for short.
 * @param declaredBytes of the request, as it says itself
 */
export function isLong(declaredBytes: number | null): boolean {
  return (declaredBytes ?? 0) > EXPRESS_CHUNKS * MAX_RECORD_BYTES;
}

/** Whether an upload says that it is short. @param declaredBytes as of `isLong` */
export function saysItIsShort(declaredBytes: number | null): boolean {
  return declaredBytes !== null && !isLong(declaredBytes);
}

/** Chunks that may be express, from the first one on. @param declaredBytes as of `isLong` */
export function expressChunksOf(declaredBytes: number | null): number {
  return isLong(declaredBytes) ? EXPRESS_CHUNKS_OF_LONG : EXPRESS_CHUNKS;
}

interface CountedUpload {
  readonly importId: string;
  readonly uploadId: string;
  readonly owner: string;
}

export class ExpressShare {
  readonly #foldedImports: Pick<FoldedImports, 'waitFor'>;
  /** By owner: express chunks that have not been reported. */
  readonly #unfinished = new Map<string, number>();

  constructor(foldedImports: Pick<FoldedImports, 'waitFor'>) {
    this.#foldedImports = foldedImports;
  }

  /**
   * Whether the chunk is express, which counts it. The first chunk decides for its import: later ones would only overtake it.
   * @param chunk its number in the import, from 0; only those after an express one are asked for
   */
  take(upload: CountedUpload, chunk: number): boolean {
    const unfinished = this.#unfinished.get(upload.owner) ?? 0;
    if (chunk === 0 && unfinished >= EXPRESS_SHARE) return false;
    this.#unfinished.set(upload.owner, unfinished + 1);
    void this.#forgetOnceReported(upload, chunk);
    return true;
  }

  async #forgetOnceReported({ importId, uploadId, owner }: CountedUpload, chunk: number): Promise<void> {
    await this.#foldedImports.waitFor(
      importId,
      (folded) => folded?.uploadId === uploadId && hasReported(folded.state, chunk),
      COUNTED_MS,
    );
    const unfinished = (this.#unfinished.get(owner) ?? 0) - 1;
    if (unfinished > 0) this.#unfinished.set(owner, unfinished);
    else this.#unfinished.delete(owner);
  }
}

/** The order of the chunks does not matter to the count. */
function hasReported(state: ImportState, chunk: number): boolean {
  return hasEnded(state) || state.chunks.completed + state.chunks.failed > chunk;
}
