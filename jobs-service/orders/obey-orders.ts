/**
 * Obeys the orders about dead letters; any jobs service may be the one that obeys. A requeued chunk, or page of an undo, goes back to its topic. The
 * same transaction tells the aggregator (`chunk.requeued`, `undo.page_requeued`), so that it takes the failed report back before the next one comes.
 *
 * The import may end and be forgotten by the log between the look-up here and the fold of the command. The fold alone knows that, so it
 * removes the dead letter of a requeue that counts, and gives the order once more where the log no longer has the import.
 */
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import type { FoldedImport } from '@tidings/contracts/imports/folded-import.ts';
import { isAtRest } from '@tidings/contracts/imports/import.ts';
import type {
  ImportCommand,
  RequeuedLetter,
  RequeuedPlace,
} from '@tidings/contracts/imports/import-commands.ts';
import type { WorkPriority } from '@tidings/contracts/imports/work.ts';
import { readReportableWork, readUndoPageWork } from '@tidings/contracts/schemas/imports/work.ts';
import { consumerGroups, topics, workTopics } from '@tidings/contracts/topics.ts';
import type { ControlRecord } from '@tidings/event-log/control/control-records.ts';
import type { Consumer, EventLog } from '@tidings/event-log/event-log.ts';
import { type ObeyedOrder, processControl } from '@tidings/event-log/retry/process-control.ts';
import type { DeadLetter } from '@tidings/event-log/retry/retry-headers.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import type { FoldedImports } from '../imports/folded-from-log.ts';
import { endOfCommands, newestOf } from '../imports/newest-import.ts';
import { requestSources } from '../requests/plan-topics.ts';
import { isTooOld } from '../retention/remove-old.ts';
import { commandRecord } from '../to-log.ts';
import { aboutWork, causeOfWork } from './orders.ts';

export interface ObeyParts {
  readonly log: EventLog;
  readonly foldedImports: Pick<FoldedImports, 'get' | 'waitFor'>;
  readonly contactStore: Pick<ContactStore, 'getImport'>;
  readonly logger: Logger;
  /** Days for which the ledger of an ended import is kept. */
  readonly retentionDays: number;
  /** As of `Orders`. */
  readonly services?: Iterable<string>;
}

/** Milliseconds to wait for an import that neither the log nor the store shows: this process may lag behind the one that took the order. */
const UNKNOWN_WAIT_MS = 2_000;

export function obeyOrders(parts: ObeyParts): Promise<Consumer> {
  const { log, logger, services = [] } = parts;
  return processControl({
    log,
    group: consumerGroups.control,
    controlTopic: topics.control,
    sources: [...Object.values(workTopics), ...requestSources(services)],
    obey: async (order, letter) => {
      const { action, isRepeat } = order;
      const { id, group, attempts } = letter;
      const obeyed = action === 'skip' ? { outputs: [] } : await requeue(parts, order, letter);
      const message = obeyed === null ? 'order not obeyed; the import is no longer kept' : 'order obeyed';
      logger.info({ action, isRepeat, id, group, attempts, ...aboutWork(letter) }, message);
      return obeyed;
    },
    onError: (error, record) => {
      const { topic, partition, offset } = record ?? {};
      logger.error({ err: error, topic, partition, offset }, 'obeying orders failed');
    },
  });
}

/** null where nothing may be worked off any more: the import's ledger may be gone. */
async function requeue(
  parts: ObeyParts,
  { target, event, isRepeat = false }: ControlRecord,
  { group, key, headers }: DeadLetter,
): Promise<ObeyedOrder | null> {
  const { importId } = readReportableWork(headers) ?? aboutWork({ group, key });
  if (importId === undefined) return { outputs: [] };
  const asOf = await endOfCommands(parts.log, importId);
  const known = await findImport(parts, importId, isRepeat);
  if (known === null || isTooOld(known.state.endedAt, parts.retentionDays)) return null;
  const { topic, partition, offset } = target;
  const letter = { group, topic, partition, offset, key };
  // An import that is at rest may be forgotten at any moment; the state of one that runs says nothing of its end.
  const folded = isAtRest(known.state) ? known : null;
  // The record is appended with the order's commit, at this offset or behind it, because its key leads to the same partition again.
  const end = (await parts.log.endOffsets(topic))[partition] ?? 0;
  const place = { priority: priorityOf(topic), partition, offset: end };
  const command = requeuedCommand(headers, { folded, asOf, letter }, place);
  if (command === null) return { outputs: [] };
  return {
    outputs: [commandRecord(importId, command, event ?? causeOfWork(headers)).record],
    keepsLetter: true,
  };
}

/** null where the record does not show what it is. */
function requeuedCommand(
  headers: DeadLetter['headers'],
  about: { folded: FoldedImport | null; asOf: number; letter: RequeuedLetter },
  place: RequeuedPlace,
): ImportCommand | null {
  const chunkWork = readReportableWork(headers);
  if (chunkWork !== null) {
    const { uploadId, chunk, shape } = chunkWork;
    return { type: 'chunk.requeued', data: { uploadId, chunk, rows: shape.rows, ...about, place } };
  }
  const pageWork = readUndoPageWork(headers);
  if (pageWork === null) return null;
  const { undoId, page } = pageWork;
  return { type: 'undo.page_requeued', data: { undoId, page, ...about } };
}

/**
 * An import that runs is known from the log. Of one that is at rest the newest state counts: it may have gone on and be forgotten, and what this
 * process sees of the log may be older than that. So it is, too, where the fold has said that the log has none.
 */
async function findImport(
  { foldedImports, contactStore }: ObeyParts,
  importId: string,
  isRepeat: boolean,
): Promise<FoldedImport | null> {
  const live = foldedImports.get(importId);
  const isRunning = live !== undefined && !isAtRest(live.state);
  if (isRunning && !isRepeat) return live;
  const stored = await contactStore.getImport(importId);
  if (isRunning && stored !== null) return stored;
  const newest = newestOf(live, stored);
  if (newest !== null) return newest;
  await foldedImports.waitFor(importId, (now) => now !== undefined, UNKNOWN_WAIT_MS);
  return foldedImports.get(importId) ?? null;
}

function priorityOf(topic: string): WorkPriority {
  return topic === workTopics.express.topic ? 'express' : 'bulk';
}
