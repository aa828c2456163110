/** Folds the commands of imports once more, from the first one that the log keeps, and tells nobody: no state, no notification, no work. */
import type { FoldedImport } from '@tidings/contracts/imports/folded-import.ts';
import { isAtRest } from '@tidings/contracts/imports/import.ts';
import { MalformedEventError } from '@tidings/contracts/schemas/event.ts';
import { decodeFoldedImport } from '@tidings/contracts/schemas/imports/folded-import.ts';
import type { LogRecord } from '@tidings/event-log/event-log.ts';
import { fold } from './fold/fold.ts';
import { ForgottenImports } from './fold/forgotten-imports.ts';
import type { LoggedCommand } from './fold/logged-command.ts';
import { decodeCommand } from './from-log.ts';
import { encodeImportFold, type ImportFold } from './state/import-fold.ts';

export class Replay {
  /** Imports that run, or are not projected yet, by id. */
  readonly #states = new Map<string, ImportFold>();
  /** By partition. */
  readonly #forgotten = new Map<number, ForgottenImports>();

  /**
   * Takes the commands of a partition in their order. Returns the import where the command leads to a state that is projected: it has ended, and
   * its totals were compared.
   * @throws UnknownCommandError, LaterImportError: a later release has written the record
   */
  fold(record: LogRecord): FoldedImport | null {
    const logged = decodeOrSkip(record);
    if (logged === null) return null;
    const forgotten = this.#forgotten.get(record.partition) ?? new ForgottenImports();
    this.#forgotten.set(record.partition, forgotten);
    forgotten.begin(record.offset);
    const current = this.#states.get(logged.importId);
    const { next, ignored } = fold(current, logged, forgotten);
    if (next == null) {
      this.#states.delete(logged.importId);
      if (next === null && current !== undefined) forgotten.add(current, record.offset);
      return null;
    }
    this.#states.set(logged.importId, next);
    const { state } = next;
    if (ignored || !isAtRest(state) || state.reconciled === null) return null;
    return decodeFoldedImport(encodeImportFold(next));
  }
}

function decodeOrSkip(record: LogRecord): LoggedCommand | null {
  try {
    return decodeCommand(record);
  } catch (error) {
    if (error instanceof MalformedEventError) return null;
    throw error;
  }
}
