/**
 * Ends uploads whose receiver has died. Every jobs service sweeps, and none leads: each watches the folded imports by its own clock,
 * and an upload that is being received without a new heartbeat for a minute is told to have expired. Several may tell so, and
 * some may be wrong, because they lag behind: the fold takes the first one that names the newest heartbeat.
 */
import type { FoldedImport } from '@tidings/contracts/imports/folded-import.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import type { FoldedImports } from '../../imports/folded-from-log.ts';
import { type Repetition, repeatedly } from '../../repeatedly.ts';
import { sendCommand } from '../../to-log.ts';
import { readWaitingChunks, uploadOfImport } from './waiting-chunks.ts';

export interface SweeperTimes {
  /** Milliseconds between two looks. */
  readonly everyMs: number;
  /** Milliseconds without a new heartbeat after which an upload has expired: twice as long as its lease. */
  readonly expireAfterMs: number;
}

export const SWEEPER_TIMES: SweeperTimes = { everyMs: 5_000, expireAfterMs: 60_000 };

/** Uploads that one sweep ends, at most; the next sweep ends the others. */
const MAX_EXPIRED = 50;

export interface SweeperParts {
  readonly log: EventLog;
  readonly foldedImports: Pick<FoldedImports, 'values'>;
  readonly logger: Logger;
  /** Default: `SWEEPER_TIMES`. */
  readonly times?: SweeperTimes;
}

/** What was last seen of an upload. */
interface Seen {
  readonly uploadId: string;
  readonly heartbeat: number;
  /** By `performance.now()`. */
  readonly since: number;
}

export class UploadSweeper {
  readonly #parts: SweeperParts;
  readonly #times: SweeperTimes;
  readonly #sweeps: Repetition;
  #seen = new Map<string, Seen>();

  constructor(parts: SweeperParts) {
    this.#parts = parts;
    this.#times = parts.times ?? SWEEPER_TIMES;
    this.#sweeps = repeatedly(
      this.#times.everyMs,
      () => this.#sweep(),
      (error) => parts.logger.warn({ err: error }, 'expired uploads not ended; trying again'),
    );
  }

  /** Resolves once no command is being appended any more. */
  stop(): Promise<void> {
    return this.#sweeps.stop();
  }

  async #sweep(): Promise<void> {
    const expired = this.#look().slice(0, MAX_EXPIRED);
    if (expired.length > 0) await this.#expire(expired);
  }

  /** The uploads that have been silent for too long. */
  #look(): FoldedImport[] {
    const now = performance.now();
    const seen = new Map<string, Seen>();
    const expired: FoldedImport[] = [];
    for (const folded of this.#parts.foldedImports.values()) {
      const { state, uploadId, heartbeat } = folded;
      if (state.upload !== 'receiving') continue;
      const before = this.#seen.get(state.importId);
      const isNew = before?.uploadId !== uploadId || before.heartbeat !== heartbeat.number;
      seen.set(state.importId, isNew ? { uploadId, heartbeat: heartbeat.number, since: now } : before);
      if (!isNew && now - before.since >= this.#times.expireAfterMs) expired.push(folded);
    }
    this.#seen = seen;
    return expired;
  }

  async #expire(expired: readonly FoldedImport[]): Promise<void> {
    const { log, logger } = this.#parts;
    const waiting = await readWaitingChunks(log, expired.map(uploadOfImport));
    for (const { state, uploadId, heartbeat, cause } of expired) {
      const { importId } = state;
      const pending = waiting.get(importId) ?? [];
      const data = { uploadId, heartbeat: heartbeat.number, pending };
      await sendCommand(log, importId, { type: 'upload.expired', data }, cause);
      // The fold needs a moment; until then the upload is not told to have expired again.
      this.#seen.delete(importId);
      logger.warn({ importId, heartbeat: heartbeat.number }, 'upload expired; its receiver is silent');
    }
  }
}
