/** What people order about records that have failed, and the records that they may order something about. */

import type { Cause } from '@tidings/contracts/event.ts';
import type { FoldedImport } from '@tidings/contracts/imports/folded-import.ts';
import { chunkWorkKey, readChunkWorkKey, type UndoPageWork } from '@tidings/contracts/imports/work.ts';
import { envelopeFromHeaders } from '@tidings/contracts/schemas/event.ts';
import { readReportableWork, readUndoPageWork } from '@tidings/contracts/schemas/imports/work.ts';
import { controlEvent } from '@tidings/contracts/schemas/services/control-event.ts';
import type { AuditItem } from '@tidings/contracts/services/support.ts';
import { topics, workTopics } from '@tidings/contracts/topics.ts';
import { BlockedPartitions } from '@tidings/event-log/control/blocked-partitions.ts';
import { ControlJournal, type JournalEntry } from '@tidings/event-log/control/control-journal.ts';
import type {
  ControlAction,
  ControlNote,
  ControlRecord,
  ControlTarget,
} from '@tidings/event-log/control/control-records.ts';
import type { EventLog, NewRecord } from '@tidings/event-log/event-log.ts';
import { type DeadLetterEntry, DeadLetters } from '@tidings/event-log/retry/dead-letters.ts';
import { type DeadLetter, removedLetter } from '@tidings/event-log/retry/retry-headers.ts';
import { pause } from '@tidings/failures/retry.ts';
import type { OrderGiver } from '@tidings/service-kit/access/order-giver.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import { validate as isUuid } from 'uuid';
import { requestSources } from '../requests/plan-topics.ts';

/** What is known of the chunk that a dead letter is. */
export interface ChunkNote {
  readonly uploadId: string;
  readonly owner: string | null;
  readonly chunk: number;
  readonly firstLine: number | null;
  readonly rows: number;
  /** The event of the work that has failed; undefined where the dead letter does not show it. */
  readonly cause: Cause | undefined;
}

/** Of a page of an undo, and of a request to a service, its owner. null where the dead letter does not show what it is. */
type WorkNote =
  | ChunkNote
  | {
      readonly owner: string;
      readonly chunk: null;
      /** Only of a page of an undo. */
      readonly page?: Pick<UndoPageWork, 'undoId' | 'page'>;
      readonly cause: Cause | undefined;
    }
  | null;

export type WorkLetter = DeadLetterEntry<WorkNote>;
/** A dead letter of which it is known which chunk it is. */
export type ChunkLetter = DeadLetterEntry<ChunkNote>;

/** Orders in one append, at most: several hundred bytes each. */
const ORDERS_AT_ONCE = 500;
/** Milliseconds between two looks at whether an order was obeyed. */
const OBEYED_POLL_MS = 50;

export class Orders {
  readonly journal: ControlJournal;
  readonly blocked: BlockedPartitions;
  readonly #deadLetters: DeadLetters<WorkNote>;

  /** @param services whose requests, where they were given up, are among the dead letters; their topics must exist */
  constructor(log: EventLog, logger: Logger, services: Iterable<string> = []) {
    this.journal = new ControlJournal(log, topics.control);
    this.blocked = new BlockedPartitions(log, topics.blocked);
    this.#deadLetters = new DeadLetters<WorkNote>({
      log,
      sources: [...Object.values(workTopics), ...requestSources(services)],
      noteOf: ({ headers }) => noteOf(headers),
      onError: (error, { topic, partition, offset }) =>
        logger.error({ err: error, topic, partition, offset }, 'record skipped; no dead letter'),
    });
  }

  /** The dead letters of now. The first call reads all of them. */
  async deadLetters(): Promise<WorkLetter[]> {
    await this.#deadLetters.refresh();
    return [...this.#deadLetters.entries()];
  }

  async deadLetter(id: string): Promise<WorkLetter | undefined> {
    await this.#deadLetters.refresh();
    return this.#deadLetters.get(id);
  }

  /** The dead letters of one upload of an import. A chunk that stands on the log twice may have two. */
  async chunkLetters(importId: string, uploadId: string): Promise<ChunkLetter[]> {
    return (await this.deadLetters()).filter(
      (letter): letter is ChunkLetter =>
        isChunk(letter) &&
        letter.note.uploadId === uploadId &&
        readChunkWorkKey(letter.key).importId === importId,
    );
  }

  /** The dead chunks of one upload of an import, by chunk. */
  async deadChunks(importId: string, uploadId: string): Promise<Map<number, ChunkLetter>> {
    const letters = await this.chunkLetters(importId, uploadId);
    return new Map(letters.map((letter) => [letter.note.chunk, letter]));
  }

  /** The records that remove dead letters about which there is nothing to decide any more. */
  removed(letters: readonly WorkLetter[]): NewRecord[] {
    return letters.map(({ place, origin }) => removedLetter(place.topic, origin));
  }

  /**
   * The records that remove those dead letters of an import at rest about which nothing can be done: of pages that no undo waits for any more,
   * of chunks where the gate is closed, and of chunks of an upload that another one has followed.
   */
  async removedSpent(folded: FoldedImport, isClosed: boolean): Promise<NewRecord[]> {
    const isSpent = ({ key, note }: WorkLetter) => {
      if (note === null || readChunkWorkKey(key).importId !== folded.state.importId) return false;
      if (note.chunk !== null)
        return note.uploadId < folded.uploadId || (isClosed && note.uploadId === folded.uploadId);
      return note.page !== undefined && !isDeadPage(folded, note.page);
    };
    return this.removed((await this.deadLetters()).filter(isSpent));
  }

  /** The owner's dead letters of now. */
  async lettersOf(owner: string): Promise<WorkLetter[]> {
    return (await this.deadLetters()).filter(({ note }) => note?.owner === owner);
  }

  /** The dead letter's own record, with its bytes; null where it is no longer there. */
  read(letter: WorkLetter): Promise<DeadLetter | null> {
    return this.#deadLetters.read(letter);
  }

  /**
   * Has the owner's dead letters given up for good, with their bytes, and waits for that.
   * @param withinMs milliseconds to wait, at most
   * @returns how many there were, and how many are there still
   */
  async skipOwner(
    owner: string,
    giver: OrderGiver,
    withinMs: number,
  ): Promise<{ readonly skipped: number; readonly left: number }> {
    const letters = await this.lettersOf(owner);
    const orders = await this.orderLetters('skip', letters, giver);
    const endsAt = performance.now() + withinMs;
    for (;;) {
      const left = (await this.lettersOf(owner)).length;
      if (left === 0 || performance.now() >= endsAt) return { skipped: orders.length, left };
      await pause(OBEYED_POLL_MS);
    }
  }

  /**
   * Resolves once the audit holds durably what the giver is about to do. An owner's own actions are not kept there.
   * @param cause the event that has led to it; default none
   * @returns what leads to whatever follows: the note, or the cause
   */
  async note(
    action: NotedAction,
    subject: `${'import' | 'owner' | 'country'}/${string}`,
    giver: OrderGiver,
    cause?: Cause,
  ): Promise<Cause | undefined> {
    if (giver.who !== 'support') return cause;
    const event = controlEvent(cause);
    await this.journal.note({ action, subject, ...giver, event });
    return event;
  }

  /** Resolves once the orders are durable; they are obeyed a moment later. */
  async orderLetters(
    action: Exclude<ControlAction, 'retry'>,
    letters: readonly WorkLetter[],
    giver: OrderGiver,
  ): Promise<ControlRecord[]> {
    const orders = letters.map(({ group, origin, key, note }) => ({
      ...{ action, ...giver, event: controlEvent(note?.cause) },
      target: { kind: 'dead_letter', group, ...origin, key } as const,
    }));
    const given: ControlRecord[] = [];
    for (let start = 0; start < orders.length; start += ORDERS_AT_ONCE)
      given.push(...(await this.journal.give(orders.slice(start, start + ORDERS_AT_ONCE))));
    return given;
  }
}

/**
 * The place of a chunk that waits for a further attempt. null where the chunk does not wait, or where a release that names no places has put
 * it off.
 */
export function waitingChunk({ state, retrying }: FoldedImport, chunk: number): ControlTarget | null {
  const { origin, attempt } = retrying.find((one) => one.chunk === chunk) ?? {};
  const work = Object.values(workTopics).find(({ topic }) => topic === origin?.topic);
  if (origin === undefined || attempt === undefined || work === undefined) return null;
  const key = chunkWorkKey(state.importId, chunk);
  return { kind: 'waiting_record', group: work.group, ...origin, key, attempts: attempt - 1 };
}

function noteOf(headers: Readonly<Record<string, string>>): WorkNote {
  const work = readReportableWork(headers);
  if (work === null) {
    const page = readUndoPageWork(headers);
    if (page !== null) return { owner: page.owner, chunk: null, page, cause: causeOfWork(headers) };
    const { owner } = headers;
    return owner === undefined ? null : { owner, chunk: null, cause: causeOfWork(headers) };
  }
  const { uploadId, owner = null, chunk, shape } = work;
  const cause = causeOfWork(headers);
  return { uploadId, owner, chunk, firstLine: shape.firstLine ?? null, rows: shape.rows, cause };
}

/** Undefined where the headers do not show which event the work is. */
export function causeOfWork(headers: Readonly<Record<string, string>>): Cause | undefined {
  try {
    const { eventId, correlationId, traceparent, owner } = envelopeFromHeaders(headers);
    return { eventId, correlationId, traceparent, owner };
  } catch {
    return undefined;
  }
}

/** Whether it is the page at which the import's undo has ended. */
function isDeadPage(
  { undo }: FoldedImport,
  { undoId, page }: Pick<UndoPageWork, 'undoId' | 'page'>,
): boolean {
  return undo?.dead === true && undo.undoId === undoId && undo.page === page;
}

function isChunk(letter: WorkLetter): letter is ChunkLetter {
  return letter.note !== null && letter.note.chunk !== null;
}

/** Which import something is about, and which chunk; nothing where it is about none. */
export interface AboutWork {
  readonly importId?: string;
  readonly chunk?: number;
}

/** Of a record of work. */
export function aboutWork({ group, key }: { readonly group: string; readonly key: string }): AboutWork {
  if (!Object.values(workTopics).some((work) => work.group === group)) return {};
  const { importId, chunk } = readChunkWorkKey(key);
  if (!isUuid(importId)) return {};
  return Number.isInteger(chunk) ? { importId, chunk } : { importId };
}

export function aboutNote({ subject }: Pick<ControlNote, 'subject'>): AboutWork {
  const [kind, importId] = subject.split('/');
  return kind === 'import' ? { importId } : {};
}

/** What people did themselves, as the audit names it. */
export type NotedAction =
  | 'cancel'
  | 'undo'
  | 'erase'
  | 'revoke_tokens'
  | 'change_country'
  | 'take_back_country';

export function toAuditItem(entry: JournalEntry): AuditItem {
  const { at, who, action, reason } = entry;
  const common = { at: new Date(at).toISOString(), who, action, reason };
  if ('target' in entry) return { ...common, target: toText(entry.target), ...aboutWork(entry.target) };
  return { ...common, target: entry.subject, ...aboutNote(entry) };
}

function toText({ group, topic, partition, offset }: ControlTarget): string {
  return `${group} ${topic}/${partition}/${offset}`;
}
