/**
 * Which chunks of an upload are express. The first chunks of every import are, as long as their owner stays within a share: an
 * owner of many short imports would otherwise keep the express lane for itself. What exceeds the share waits with the bulk chunks.
 */
import { EXPRESS_CHUNKS, type WorkPriority } from '@tidings/contracts/work.ts';
import { Quota } from '@tidings/service-kit/access/quota.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';

/** Express chunks of one owner in each window, of those that one process receives: 32 short imports a second. */
export const EXPRESS_SHARE = { times: 64, seconds: 2 } as const;

export class ExpressShare {
  readonly #quota = new Quota(EXPRESS_SHARE);

  /** @param chunk its number in the import, from 0 */
  async priorityOf(owner: string, chunk: number): Promise<WorkPriority> {
    if (chunk >= EXPRESS_CHUNKS) return 'bulk';
    try {
      await this.#quota.take(owner);
      return 'express';
    } catch (error) {
      if (error instanceof Problem) return 'bulk';
      throw error;
    }
  }
}
