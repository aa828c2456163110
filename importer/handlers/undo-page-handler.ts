/** Works off one page of an undo: from the record on the log to the contact store, and to its report. */
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import type { PageToUndo, UndonePage } from '@tidings/contact-store/undo-page.ts';
import type { Event } from '@tidings/contracts/event.ts';
import type { ImportCommandData } from '@tidings/contracts/imports/import-commands.ts';
import { type UndoPageWork, undoPageKey } from '@tidings/contracts/imports/work.ts';
import { createEvent } from '@tidings/contracts/schemas/event.ts';
import {
  decodeUndoPageWork,
  type EnvelopedWork,
  encodeWork,
  UNDO_PAGE_TYPE,
} from '@tidings/contracts/schemas/imports/work.ts';
import type { LogRecord, NewRecord } from '@tidings/event-log/event-log.ts';
import { type FailedAttempt, PROCESS_ENDED } from '@tidings/event-log/retry/record-attempts.ts';
import { mustBeDeliveredAgain } from '@tidings/service-kit/process/failures.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import { describeFailure } from '../failures.ts';
import type { ImporterMetrics } from '../metrics.ts';
import { causeOf } from './report-cause.ts';

/** The report of a page to the aggregator. Its subject is the import. */
export type UndoReport =
  | Event<'undo.page_completed', ImportCommandData['undo.page_completed']>
  | Event<'undo.page_failed', ImportCommandData['undo.page_failed']>;

export type PageRetry = Event<'undo.page_retrying', ImportCommandData['undo.page_retrying']>;

export interface UndoPageHandlerParts {
  readonly contactStore: Pick<ContactStore, 'undoPage' | 'failUndoPage'>;
  readonly logger: Logger;
  readonly metrics: Pick<ImporterMetrics, 'undoneContacts'>;
  /** Attempts that a record has, from 1. */
  readonly attempts: number;
}

export class UndoPageHandler {
  readonly #parts: UndoPageHandlerParts;

  constructor(parts: UndoPageHandlerParts) {
    this.#parts = parts;
  }

  /**
   * Works the page off. A page delivered again changes nothing and gets the same report. The last attempt, where it fails, passes
   * the page over, so that the undo goes on behind it. An attempt that ended with its process tells nothing of the page: whoever killed
   * that process is no reason to leave the page's contacts as they are. Where every attempt ended so, see `goOnBehind`.
   *
   * @param attempt from 1
   * @throws what `mustBeDeliveredAgain` knows: nothing was decided; any other error: the attempt has failed
   */
  async work(record: LogRecord, attempt: number): Promise<UndoReport> {
    const { work } = decodeUndoPageWork(record.headers);
    const { importId, undoId, page } = work;
    try {
      const done = await this.#undo(work, attempt);
      if (!done.replayed) this.#count(done);
      const { replayed: _replayed, ...counts } = done;
      const data = { undoId, page, ...counts };
      return createEvent({
        ...{ type: 'undo.page_completed', subject: importId, data },
        ...causeOf(record.headers),
      });
    } catch (error) {
      if (!mustBeDeliveredAgain(error)) this.#logFailure(work, attempt, error);
      throw error;
    }
  }

  /** What to report of a page that will be tried again: nothing where the record does not show which page it is. */
  putOff({ record, attempt, attempts, error }: FailedAttempt, dueAt: number): PageRetry[] {
    return whereReadable(record, ({ work: { importId, undoId, page } }) => {
      const next = { attempt: attempt + 1, attempts, dueAt: new Date(dueAt).toISOString() };
      const data = { undoId, page, ...next, code: error.code };
      return createEvent({ type: 'undo.page_retrying', subject: importId, data, ...causeOf(record.headers) });
    });
  }

  /**
   * The work with which an undo goes on behind a page that has ended its process at each attempt: the same page, only to be passed over.
   * Empty where that is what has ended the process, and where the record does not show which page it is.
   */
  goOnBehind({ record, error }: FailedAttempt): NewRecord[] {
    return whereReadable(record, ({ envelope, work }) => {
      if (error.code !== PROCESS_ENDED || work.passOver) return null;
      const cause = createEvent({
        type: UNDO_PAGE_TYPE,
        subject: work.importId,
        data: null,
        cause: envelope,
      });
      const headers = encodeWork(cause, { ...work, passOver: true });
      const { topic, value } = record;
      return { topic, key: undoPageKey(work.importId, work.page), value, headers };
    });
  }

  /** What to report of a page that could not even be passed over; nothing where the record does not show which page it is. */
  giveUp({ record }: FailedAttempt): UndoReport[] {
    return whereReadable(record, ({ work: { importId, undoId, page } }) => {
      const data = { undoId, page };
      return createEvent({ type: 'undo.page_failed', subject: importId, data, ...causeOf(record.headers) });
    });
  }

  async #undo({ passOver, ...page }: UndoPageWork, attempt: number): Promise<UndonePage> {
    const { contactStore, attempts } = this.#parts;
    if (passOver) return contactStore.failUndoPage(page);
    try {
      return await contactStore.undoPage(page);
    } catch (error) {
      if (attempt < attempts || mustBeDeliveredAgain(error)) throw error;
      this.#logFailure(page, attempt, error);
      return contactStore.failUndoPage(page);
    }
  }

  #count({ reversed, kept, failed }: UndonePage): void {
    const { undoneContacts } = this.#parts.metrics;
    undoneContacts.inc({ outcome: 'reversed' }, reversed);
    undoneContacts.inc({ outcome: 'kept' }, kept);
    undoneContacts.inc({ outcome: 'failed' }, failed);
  }

  #logFailure({ importId, undoId, page }: PageToUndo, attempt: number, error: unknown): void {
    this.#parts.logger.error(
      { importId, undoId, page, attempt, failure: describeFailure(error) },
      'undoing a page of an import failed',
    );
  }
}

function whereReadable<Result>(
  { headers }: LogRecord,
  make: (read: EnvelopedWork<UndoPageWork>) => Result | null,
): Result[] {
  try {
    const made = make(decodeUndoPageWork(headers));
    return made === null ? [] : [made];
  } catch {
    return [];
  }
}
