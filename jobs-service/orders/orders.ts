/** What people order about records that have failed, and the records that they may order something about. */

import type { FoldedImport } from '@tidings/contracts/folded-import.ts';
import { readReportableWork } from '@tidings/contracts/schemas/work.ts';
import type { AuditItem } from '@tidings/contracts/support.ts';
import { topics, workTopics } from '@tidings/contracts/topics.ts';
import { chunkWorkKey, readChunkWorkKey } from '@tidings/contracts/work.ts';
import { BlockedPartitions } from '@tidings/event-log/control/blocked-partitions.ts';
import { ControlJournal, type JournalEntry } from '@tidings/event-log/control/control-journal.ts';
import type {
  ControlAction,
  ControlRecord,
  ControlTarget,
} from '@tidings/event-log/control/control-records.ts';
import { type DeadLetterEntry, DeadLetters } from '@tidings/event-log/control/dead-letters.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import { validate as isUuid } from 'uuid';

/** What is known of the chunk that a dead letter is; null where it is no chunk. */
export type ChunkNote = {
  readonly uploadId: string;
  readonly owner: string | null;
  readonly chunk: number;
  readonly firstLine: number | null;
  readonly rows: number;
} | null;

export type WorkLetter = DeadLetterEntry<ChunkNote>;
/** A dead letter of which it is known which chunk it is. */
export type ChunkLetter = DeadLetterEntry<NonNullable<ChunkNote>>;

/** Who orders something, and why. */
export interface OrderGiver {
  /** `support` or `owner`, as the token tells. */
  readonly who: 'support' | 'owner';
  readonly reason: string;
}

/** Orders in one append, at most: several hundred bytes each. */
const ORDERS_AT_ONCE = 500;

export class Orders {
  readonly journal: ControlJournal;
  readonly blocked: BlockedPartitions;
  readonly #deadLetters: DeadLetters<ChunkNote>;

  constructor(log: EventLog, logger: Logger) {
    this.journal = new ControlJournal(log, topics.control);
    this.blocked = new BlockedPartitions(log, topics.blocked);
    this.#deadLetters = new DeadLetters<ChunkNote>({
      log,
      sources: Object.values(workTopics),
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

  /** The dead chunks of one upload of an import, by chunk. */
  async deadChunks(importId: string, uploadId: string): Promise<Map<number, ChunkLetter>> {
    const letters = (await this.deadLetters()).filter(
      (letter): letter is ChunkLetter =>
        letter.note?.uploadId === uploadId && readChunkWorkKey(letter.key).importId === importId,
    );
    return new Map(letters.map((letter) => [letter.note.chunk, letter]));
  }

  /** Has the owner's dead letters given up for good, with their bytes. Resolves with how many there were, once the orders are durable. */
  async skipOwner(owner: string, giver: OrderGiver): Promise<number> {
    const letters = (await this.deadLetters()).filter(({ note }) => note?.owner === owner);
    return (await this.orderLetters('skip', letters, giver)).length;
  }

  /** Resolves once the audit holds durably what the giver is about to do. An owner's own actions are not kept there. */
  async note(
    action: NotedAction,
    subject: `${'import' | 'owner'}/${string}`,
    giver: OrderGiver,
  ): Promise<void> {
    if (giver.who === 'support') await this.journal.note({ action, subject, ...giver });
  }

  /** Resolves once the orders are durable; they are obeyed a moment later. */
  async orderLetters(
    action: Exclude<ControlAction, 'retry'>,
    letters: readonly WorkLetter[],
    giver: OrderGiver,
  ): Promise<ControlRecord[]> {
    const orders = letters.map(({ group, origin, key }) => ({
      action,
      ...giver,
      target: { kind: 'dead_letter', group, ...origin, key } as const,
    }));
    const given: ControlRecord[] = [];
    for (let start = 0; start < orders.length; start += ORDERS_AT_ONCE)
      given.push(...(await this.journal.give(orders.slice(start, start + ORDERS_AT_ONCE))));
    return given;
  }
}

/**
 * The place of a chunk that waits for a further attempt; null where none of the import's waiting chunks is this one, or where a release
 * that names no places has put it off.
 */
export function waitingChunk({ state, retrying }: FoldedImport, chunk: number): ControlTarget | null {
  const { origin, attempt } = retrying.find((one) => one.chunk === chunk) ?? {};
  const work = Object.values(workTopics).find(({ topic }) => topic === origin?.topic);
  if (origin === undefined || attempt === undefined || work === undefined) return null;
  const key = chunkWorkKey(state.importId, chunk);
  return { kind: 'waiting_record', group: work.group, ...origin, key, attempts: attempt - 1 };
}

function noteOf(headers: Readonly<Record<string, string>>): ChunkNote {
  const work = readReportableWork(headers);
  if (work === null) return null;
  const { uploadId, owner = null, chunk, shape } = work;
  return { uploadId, owner, chunk, firstLine: shape.firstLine ?? null, rows: shape.rows };
}

/** Which import a record of work is about, and which chunk; nothing where the key names no import. */
export function aboutWork(key: string): { importId?: string; chunk?: number } {
  const { importId, chunk } = readChunkWorkKey(key);
  if (!isUuid(importId)) return {};
  return Number.isInteger(chunk) ? { importId, chunk } : { importId };
}

/** What people did themselves, as the audit names it. */
export type NotedAction = 'cancel' | 'undo' | 'erase' | 'revoke_tokens';

export function toAuditItem(entry: JournalEntry): AuditItem {
  const { at, who, action, reason } = entry;
  const common = { at: new Date(at).toISOString(), who, action, reason };
  if ('target' in entry) return { ...common, target: toText(entry.target), ...aboutWork(entry.target.key) };
  const [kind, importId] = entry.subject.split('/');
  return { ...common, target: entry.subject, ...(kind === 'import' ? { importId } : {}) };
}

function toText({ group, topic, partition, offset }: ControlTarget): string {
  return `${group} ${topic}/${partition}/${offset}`;
}
