/**
 * An upload that was being received when this process last ended has no sender any more. Where no other process receives uploads,
 * it is aborted at start. How many chunks it had is not known: those count that were reported before the abort, and those that
 * still wait on the log for an importer.
 */
import { workTopics } from '@tidings/contracts/topics.ts';
import { readChunkWorkKey } from '@tidings/contracts/work.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import type { FoldedImports } from '../imports/folded-from-log.ts';
import { sendCommand } from '../to-log.ts';

/** Resolves once the end of every such upload is durable. */
export async function abortReceiving(
  log: EventLog,
  foldedImports: Pick<FoldedImports, 'values'>,
  logger: Logger,
): Promise<void> {
  const receiving = [...foldedImports.values()].filter(({ state }) => state.upload === 'receiving');
  if (receiving.length === 0) return;
  const waiting = new Map(receiving.map(({ state }) => [state.importId, [] as number[]]));
  for (const { topic, group } of Object.values(workTopics)) await collectWaiting(log, topic, group, waiting);
  for (const { state, uploadId, cause } of receiving) {
    const chunks = { pending: waiting.get(state.importId) ?? [] };
    const data = { uploadId, error: 'receiver_restarted' as const, chunks, bytes: state.bytes };
    await sendCommand(log, state.importId, { type: 'upload.aborted', data }, cause);
    logger.warn({ importId: state.importId }, 'upload aborted; the process that received it has ended');
  }
}

/** @param waiting by import: gets the numbers of the chunks that the group has not committed; other imports are left out */
async function collectWaiting(
  log: EventLog,
  topic: string,
  group: string,
  waiting: ReadonlyMap<string, number[]>,
): Promise<void> {
  const offsets = (await log.committedOffsets(group, topic)).map((offset) => offset ?? 0);
  for await (const records of log.read({ topic, from: { offsets }, follow: false })) {
    for (const { key } of records) {
      const { importId, chunk } = readChunkWorkKey(key);
      waiting.get(importId)?.push(chunk);
    }
  }
}
