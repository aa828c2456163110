/**
 * Obeys the orders about dead letters. A requeued chunk goes back to its topic, and in the same transaction the aggregator is told
 * (`chunk.requeued`), so that it takes the failed report back before the next one comes. Any jobs service may be the one that obeys.
 */
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import type { Cause } from '@tidings/contracts/event.ts';
import type { FoldedImport } from '@tidings/contracts/folded-import.ts';
import { isAtRest } from '@tidings/contracts/import.ts';
import { envelopeFromHeaders } from '@tidings/contracts/schemas/event.ts';
import { readReportableWork } from '@tidings/contracts/schemas/work.ts';
import { consumerGroups, topics, workTopics } from '@tidings/contracts/topics.ts';
import { processControl } from '@tidings/event-log/control/process-control.ts';
import type { Consumer, EventLog, NewRecord } from '@tidings/event-log/event-log.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import type { FoldedImports } from '../imports/folded-from-log.ts';
import { commandRecord } from '../to-log.ts';

export interface ObeyParts {
  readonly log: EventLog;
  readonly foldedImports: Pick<FoldedImports, 'get'>;
  readonly contactStore: Pick<ContactStore, 'getImport'>;
  readonly logger: Logger;
}

export function obeyOrders(parts: ObeyParts): Promise<Consumer> {
  const { log, logger } = parts;
  return processControl({
    log,
    group: consumerGroups.control,
    controlTopic: topics.control,
    sources: Object.values(workTopics),
    outputsOf: async (action, { id, group, attempts, headers }) => {
      const work = readReportableWork(headers);
      logger.info(
        { action, id, group, attempts, importId: work?.importId, chunk: work?.chunk },
        'order obeyed',
      );
      // A page of an undo counts nothing before it is done, so nothing is to be taken back.
      if (action === 'skip' || work === null) return [];
      return [await requeuedCommand(parts, work, causeOf(headers))];
    },
    onError: (error, record) => {
      const { topic, partition, offset } = record ?? {};
      logger.error({ err: error, topic, partition, offset }, 'obeying orders failed');
    },
  });
}

async function requeuedCommand(
  parts: ObeyParts,
  { importId, uploadId, chunk, shape }: NonNullable<ReturnType<typeof readReportableWork>>,
  cause: Cause | undefined,
): Promise<NewRecord> {
  const data = { uploadId, chunk, rows: shape.rows, folded: await carriedBack(parts, importId) };
  return commandRecord(importId, { type: 'chunk.requeued', data }, cause).record;
}

/**
 * The import for a log that has forgotten it. It is looked for in the log first, because the log forgets an import only once the store has
 * it. An import that is at rest there may be forgotten at any moment.
 */
async function carriedBack(
  { foldedImports, contactStore }: ObeyParts,
  importId: string,
): Promise<FoldedImport | null> {
  const live = foldedImports.get(importId);
  if (live === undefined) return contactStore.getImport(importId);
  return isAtRest(live.state) ? live : null;
}

/** Undefined where the envelope is what could not be read of the record. */
function causeOf(headers: Readonly<Record<string, string>>): Cause | undefined {
  try {
    return envelopeFromHeaders(headers);
  } catch {
    return undefined;
  }
}
