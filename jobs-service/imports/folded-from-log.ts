/** Follows the compacted topic of folded imports: each import until the log forgets it. */
import type { FoldedImport } from '@tidings/contracts/imports/folded-import.ts';
import { decodeFoldedImport } from '@tidings/contracts/schemas/imports/folded-import.ts';
import { topics } from '@tidings/contracts/topics.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { openTable, type Table } from '@tidings/event-log/table.ts';
import { callEach } from '@tidings/failures/call-each.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';

type ImportListener = (live: FoldedImport | undefined) => void;

export interface FoldedImports extends Pick<Table<FoldedImport>, 'lag'> {
  get(importId: string): FoldedImport | undefined;
  values(): Iterable<FoldedImport>;
  /**
   * Resolves with whether the import satisfies the condition within the time.
   * @param condition gets undefined where the log holds no such import
   * @param milliseconds to wait, at most
   * @param signal ends the wait, with false
   */
  waitFor(
    importId: string,
    condition: (live: FoldedImport | undefined) => boolean,
    milliseconds: number,
    signal?: AbortSignal,
  ): Promise<boolean>;
  /** Tells the listener of the import now, and at each change; undefined where the log holds no such import. Returns what ends it. */
  watch(importId: string, listener: ImportListener): () => void;
  /** Calls back at each change of any import. Returns what ends it. */
  onChange(listener: () => void): () => void;
  close(): Promise<void>;
}

/** Resolves once every record of the topic is read. A record that is no folded import is passed over and logged. */
export async function followFoldedImports(log: EventLog, logger: Logger): Promise<FoldedImports> {
  const table = await openTable<FoldedImport>({
    log,
    topic: topics.state,
    decode: ({ value }) => decodeFoldedImport(value),
    onError: (error, record) => {
      const { partition, offset } = record ?? {};
      const message =
        record === undefined ? 'reading folded imports failed' : 'record skipped; not a folded import';
      logger.error({ err: error, topic: topics.state, partition, offset }, message);
    },
  });
  const listeners = new Listeners((error, importId) =>
    logger.error({ err: error, importId }, 'a listener for changes of an import failed'),
  );
  table.onChange((importId, live) => listeners.tell(importId, live));
  return {
    get: (importId) => table.get(importId),
    onChange: (listener) => table.onChange(() => listener()),
    *values() {
      for (const [, live] of table.entries()) yield live;
    },
    waitFor(importId, condition, milliseconds, signal) {
      if (condition(table.get(importId))) return Promise.resolve(true);
      if (signal?.aborted) return Promise.resolve(false);
      return new Promise((resolve) => {
        const finish = (met: boolean) => {
          clearTimeout(timer);
          unsubscribe();
          signal?.removeEventListener('abort', giveUp);
          resolve(met);
        };
        const giveUp = () => finish(false);
        const timer = setTimeout(giveUp, milliseconds).unref();
        signal?.addEventListener('abort', giveUp, { once: true });
        const unsubscribe = listeners.add(importId, (live) => {
          if (condition(live)) finish(true);
        });
      });
    },
    watch(importId, listener) {
      listener(table.get(importId));
      return listeners.add(importId, listener);
    },
    lag: () => table.lag(),
    close: () => table.close(),
  };
}

/** By import, so that a change costs no more where many imports are waited for. */
class Listeners {
  readonly #ofImport = new Map<string, Set<ImportListener>>();
  readonly #onError: (error: unknown, importId: string) => void;

  /** @param onError gets what a listener throws: the others are called all the same */
  constructor(onError: (error: unknown, importId: string) => void) {
    this.#onError = onError;
  }

  /** Returns what removes it. */
  add(importId: string, listener: ImportListener): () => void {
    const listeners = this.#ofImport.get(importId) ?? new Set();
    this.#ofImport.set(importId, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#ofImport.get(importId) === listeners) this.#ofImport.delete(importId);
    };
  }

  tell(importId: string, live: FoldedImport | undefined): void {
    const listeners = [...(this.#ofImport.get(importId) ?? [])];
    callEach(listeners, [live], (error) => this.#onError(error, importId));
  }
}
