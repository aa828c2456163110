/**
 * Which chunks of an upload are express. The first chunks of every import are, as long as their owner stays within a share: an
 * owner of many short imports would otherwise keep the express lane for itself. What exceeds the share waits with the bulk chunks.
 */
import { MAX_RECORD_BYTES } from '@tidings/contracts/limits.ts';
import { EXPRESS_CHUNKS, EXPRESS_CHUNKS_OF_LONG, type WorkPriority } from '@tidings/contracts/work.ts';
import { Quota } from '@tidings/service-kit/access/quota.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';

/** Express chunks of one owner in each window, of those that one process receives: 32 short imports a second. */
export const EXPRESS_SHARE = { times: 64, seconds: 2 } as const;

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

export class ExpressShare {
  readonly #quota = new Quota(EXPRESS_SHARE);

  /**
   * @param chunk its number in the import, from 0
   * @param expressChunks as `expressChunksOf` gives it
   */
  async priorityOf(owner: string, chunk: number, expressChunks: number): Promise<WorkPriority> {
    if (chunk >= expressChunks) return 'bulk';
    try {
      await this.#quota.take(owner);
      return 'express';
    } catch (error) {
      if (error instanceof Problem) return 'bulk';
      throw error;
    }
  }
}
