/**
 * Which chunks of an upload are express. The first chunks of every import are, as long as their owner stays within a share: an
 * owner of many short imports would otherwise keep the express lane for itself. What exceeds the share waits with the bulk chunks.
 */
import { hasEnded } from '@tidings/contracts/import.ts';
import { MAX_RECORD_BYTES } from '@tidings/contracts/limits.ts';
import { EXPRESS_CHUNKS, EXPRESS_CHUNKS_OF_LONG, type WorkPriority } from '@tidings/contracts/work.ts';
import type { FoldedImports } from '../imports/folded-from-log.ts';

/**
 * Express chunks of one owner's imports that have not ended, at most, of those that one process receives. It bounds what stands on the
 * lane before another owner's chunk; a share of chunks in a time would not, where importers are slower than uploads.
 */
export const EXPRESS_SHARE = 16;

/** Milliseconds after which an import counts no more, whether it has ended or not. */
const COUNTED_MS = 60_000;

/**
 * Whether an upload has more chunks than are express. One that does not say its length is taken for short.
 * @param declaredBytes of the request, as it says itself
 */
export function isLong(declaredBytes: number | null): boolean {
  return (declaredBytes ?? 0) > EXPRESS_CHUNKS * MAX_RECORD_BYTES;
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
  /** By owner: the express chunks of each import that counts. Imports: at most `EXPRESS_SHARE` an owner. */
  readonly #counted = new Map<string, Map<string, number>>();

  constructor(foldedImports: Pick<FoldedImports, 'waitFor'>) {
    this.#foldedImports = foldedImports;
  }

  /**
   * @param chunk its number in the import, from 0
   * @param expressChunks as `expressChunksOf` gives it
   */
  priorityOf(upload: CountedUpload, chunk: number, expressChunks: number): WorkPriority {
    if (chunk >= expressChunks) return 'bulk';
    const { importId, owner } = upload;
    const imports = this.#counted.get(owner) ?? new Map<string, number>();
    const taken = [...imports.values()].reduce((sum, chunks) => sum + chunks, 0);
    if (taken >= EXPRESS_SHARE) return 'bulk';
    this.#counted.set(owner, imports);
    if (!imports.has(importId)) void this.#forgetOnceEnded(upload);
    imports.set(importId, (imports.get(importId) ?? 0) + 1);
    return 'express';
  }

  async #forgetOnceEnded({ importId, uploadId, owner }: CountedUpload): Promise<void> {
    await this.#foldedImports.waitFor(
      importId,
      (folded) => folded?.uploadId === uploadId && hasEnded(folded.state),
      COUNTED_MS,
    );
    const imports = this.#counted.get(owner);
    imports?.delete(importId);
    if (imports?.size === 0) this.#counted.delete(owner);
  }
}
