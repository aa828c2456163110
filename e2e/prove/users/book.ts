/** The contacts of one domain of one owner, and all that is imported into them, one import after another: so every outcome is determined. */
import {
  type BucketCounts,
  buckets,
  type ImportState,
  isAtRest,
  sumRows,
} from '@tidings/contracts/imports/import.ts';
import { PROCESS_ENDED } from '@tidings/event-log/retry/record-attempts.ts';
import { pause } from '@tidings/failures/retry.ts';
import type { Findings } from '../findings.ts';
import type { GeneratedFile } from './generated-file.ts';
import type { FoundContact, PatientApi } from './http.ts';
import { ContactsModel, type ModelContact } from './model.ts';

/** Milliseconds between two looks at an import. */
const LOOK_MS = 250;

/** A file that was sent without an answer: the import may be there under this reference, or come yet. */
export interface Unanswered {
  readonly reference: string;
  readonly file: GeneratedFile;
}

/** What its sender knows of the upload that an import's end is about. */
export interface KnownUpload {
  /** No earlier upload of the import can have left rows. */
  readonly isFirst: boolean;
  /** The sender was told that the last byte is kept. */
  readonly isAnswered: boolean;
}

export interface BookParts {
  readonly owner: string;
  readonly domain: string;
  readonly api: PatientApi;
  readonly signal: AbortSignal;
  /** A token of the owner. */
  token(): Promise<string>;
  readonly findings: Findings;
  /** Whether the log may have lost chunks. */
  mayLose(): boolean;
}

export class Book {
  readonly domain: string;
  readonly owner: string;
  readonly model = new ContactsModel();
  /** Numbers of people below this one have been in a file. */
  people = 0;
  /** An import of which nobody knows yet whether it exists. Nothing more happens in this book before that is known. */
  unanswered: Unanswered | null = null;
  /** Imports of which support has skipped a chunk. */
  readonly skipped = new Set<string>();
  /** Imports that have ended, and may be taken back. */
  readonly undoable: string[] = [];
  /** What the book has waited for most lately: an import, to end or to be taken back. */
  waitedFor: string | null = null;
  readonly #parts: BookParts;

  constructor(parts: BookParts) {
    this.#parts = parts;
    this.domain = parts.domain;
    this.owner = parts.owner;
  }

  /** Waits until the import has ended and is compared, and checks what it says; the model then has it, too. */
  async settle(importId: string, file: GeneratedFile, upload: KnownUpload): Promise<ImportState> {
    // A process whose view of the log is behind may show the end of an earlier upload.
    const isShown = async (shown: ImportState) =>
      (shown.upload === 'sealed' || !upload.isAnswered) &&
      (shown.chunks.failed === 0 || shown.chunks.failed === (await this.#countGone(shown)));
    const state = await this.#untilSettled(importId, isShown);
    if (sumRows(state.rows) !== state.rows.total)
      this.#violated(state, `its buckets do not sum to ${state.rows.total}`);
    if (state.reconciled !== true) this.#violated(state, 'its totals are not those of the ledger');
    if (state.undo !== null) this.#checkTakenBack(state);
    else if (state.status === 'cancelled' || state.upload === 'aborted' || state.rows.failed > 0)
      await this.#checkPart(state, file);
    else this.#checkWhole(state, file, upload.isFirst);
    if (state.undo === null) this.undoable.push(importId);
    return state;
  }

  /** Whether the import can be taken back; it is then no longer among those that can. */
  takeUndoable(importId: string): boolean {
    const index = this.undoable.indexOf(importId);
    if (index >= 0) this.undoable.splice(index, 1);
    return index >= 0;
  }

  /** Takes an ended import back, until nothing of it has failed, and checks how much of it. @param onFailed an undo has left contacts */
  async undo(importId: string, onFailed: () => Promise<void> = async () => undefined): Promise<void> {
    const { api } = this.#parts;
    const begin = async () => api.command(await this.#parts.token(), importId, 'undo');
    if (!(await begin()))
      this.#parts.findings.wrong(`import ${importId} of ${this.domain} has ended, and could not be undone`);
    const isUndone = ({ status }: ImportState) => status === 'undone';
    let state = await this.#untilSettled(importId, isUndone);
    while ((state.undo?.failed ?? 0) > 0) {
      await onFailed();
      const { version } = state;
      if (!(await begin())) this.#violated(state, 'its undo has left contacts, and could not be begun again');
      state = await this.#untilSettled(importId, (next) => isUndone(next) && next.version > version);
    }
    const { token } = this.#parts;
    const found = this.model.isUnsure(importId)
      ? contactsOf(await api.listContacts(token, `@${this.domain}`))
      : undefined;
    const { reversed, kept } = this.model.undo(importId, found);
    const { undo } = state;
    if (undo?.reversed !== reversed || undo.kept !== kept || undo.failed !== 0)
      this.#violated(
        state,
        `${reversed} contacts must be reversed and ${kept} kept: ${JSON.stringify(undo)}`,
      );
  }

  /** Compares what the owner has with the model. */
  compare(all: ReadonlyMap<string, FoundContact>, findings: Findings): void {
    const found = new Map([...all].filter(([email]) => email.endsWith(`@${this.domain}`)));
    const { lost, surplus, different } = this.model.compare(contactsOf(found));
    const some = (emails: readonly string[]) => `${emails.length} of ${this.domain}, such as ${emails[0]}`;
    if (lost.length > 0) findings.lost('contacts', lost.length, `contacts are missing: ${some(lost)}`);
    if (surplus.length > 0)
      findings.doubled('contacts', surplus.length, `contacts are too many: ${some(surplus)}`);
    for (const email of different.slice(0, 3)) {
      const [is, must] = [found.get(email)?.contact, this.model.get(email)];
      findings.wrong(`${email} is ${JSON.stringify(is)}, and must be ${JSON.stringify(must)}`);
    }
    if (different.length > 3) findings.wrong(`contacts have other values: ${some(different)}`);
  }

  /**
   * Chunks that support has skipped, or that were given up because the import was cancelled or taken back, and those that a fault of ours took
   * from the log. Nobody knows how many rows those have. Chunks whose importer was killed at each attempt are tried again, as support does.
   */
  async #countGone({ importId, status: ended, undo }: ImportState): Promise<number> {
    const { api, mayLose } = this.#parts;
    const maySkip = this.skipped.has(importId) || ended === 'cancelled' || undo !== null;
    const chunks = await api.listChunks(importId);
    for (const { chunk, status, error } of chunks)
      if (status === 'dead' && error?.code === PROCESS_ENDED)
        await api.order(`/imports/${importId}/chunks/${chunk}/requeue`);
    return chunks.filter(
      ({ status }) => (status === 'skipped' && maySkip) || (status === 'lost' && mayLose()),
    ).length;
  }

  async #untilSettled(
    importId: string,
    isShown: (state: ImportState) => boolean | Promise<boolean>,
  ): Promise<ImportState> {
    this.waitedFor = importId;
    for (;;) {
      const state = await this.#parts.api.getImport(importId);
      if (isAtRest(state) && state.reconciled !== null && (await isShown(state))) return state;
      await pause(LOOK_MS, this.#parts.signal);
    }
  }

  #checkWhole(state: ImportState, file: GeneratedFile, isFirst: boolean): void {
    const expected = this.model.import(state.importId, file);
    const status = file.rejected === 0 ? 'completed' : 'completed_with_errors';
    if (state.status !== status) this.#violated(state, `it must be ${status}`);
    if (state.rows.total !== file.rows) this.#violated(state, `the file has ${file.rows} rows`);
    // Rows of an earlier upload that were not taken back are found as they are, and change nothing.
    const isExact = isFirst || state.autoUndo;
    if (isExact && buckets.some((bucket) => state.rows[bucket] !== expected[bucket]))
      this.#violated(state, `its rows must be ${show(expected)}`);
  }

  /** The upload broke off, and what it had done was taken back by itself: the contacts are as they were. */
  #checkTakenBack(state: ImportState): void {
    const { created, updated } = state.rows;
    const { reversed, kept, failed } = state.undo ?? { reversed: 0, kept: 0, failed: 0 };
    if (state.status !== 'failed') this.#violated(state, 'it was taken back by itself: it must be failed');
    if (reversed !== created + updated || kept !== 0 || failed !== 0)
      this.#violated(
        state,
        `all of it must be taken back, and ${reversed} were, ${kept} kept, ${failed} failed`,
      );
  }

  /** The upload broke off, the import was cancelled, or chunks are gone: some rows of the file may have been imported. */
  async #checkPart(state: ImportState, file: GeneratedFile): Promise<void> {
    const isWhole = state.upload === 'sealed' && state.status !== 'cancelled';
    if (isWhole && (state.status !== 'completed_with_errors' || state.rows.total !== file.rows))
      this.#violated(state, `chunks of its ${file.rows} rows are gone: it must be completed_with_errors`);
    if (!isWhole && state.status !== 'failed' && state.status !== 'cancelled')
      this.#violated(state, 'its upload broke off: it must be failed or cancelled');
    const { api, token } = this.#parts;
    const found = contactsOf(await api.listContacts(token, `@${this.domain}`));
    const { created, updated, unexplained } = this.model.adopt(state.importId, file, found);
    for (const email of unexplained) this.#violated(state, `no choice of its rows explains ${email}`);
    if (state.rows.created !== created || state.rows.updated !== updated)
      this.#violated(state, `it has created ${created} and updated ${updated} contacts`);
  }

  #violated({ importId, status, upload, uploadError, rows }: ImportState, what: string): void {
    const is = `${status}, ${upload} ${uploadError ?? ''}, rows ${show(rows)}`;
    this.#parts.findings.wrong(`import ${importId} of ${this.domain} is ${is}: ${what}`);
  }
}

function contactsOf(found: ReadonlyMap<string, FoundContact>): Map<string, ModelContact> {
  return new Map([...found].map(([email, { contact }]) => [email, contact]));
}

function show(rows: BucketCounts): string {
  return (
    buckets.flatMap((bucket) => (rows[bucket] === 0 ? [] : [`${bucket} ${rows[bucket]}`])).join(', ') ||
    'none'
  );
}
