/**
 * An upload that was being received when this process last ended has no sender any more. Where no other process receives uploads,
 * it is aborted at start. How many chunks it had is not known: those count that were reported before the abort, and those that
 * still wait on the log for an importer.
 */
import type { EventLog } from '@tidings/event-log/event-log.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import type { FoldedImports } from '../../imports/folded-from-log.ts';
import { sendCommand } from '../../to-log.ts';
import { readWaitingChunks, uploadOfImport } from './waiting-chunks.ts';

/** Resolves once the end of every such upload is durable. */
export async function abortReceiving(
  log: EventLog,
  foldedImports: Pick<FoldedImports, 'values'>,
  logger: Logger,
): Promise<void> {
  const receiving = [...foldedImports.values()].filter(({ state }) => state.upload === 'receiving');
  if (receiving.length === 0) return;
  const waiting = await readWaitingChunks(log, receiving.map(uploadOfImport));
  for (const { state, uploadId, cause } of receiving) {
    const chunks = { pending: waiting.get(state.importId) ?? [] };
    const data = { uploadId, error: 'receiver_restarted' as const, chunks, bytes: state.bytes };
    await sendCommand(log, state.importId, { type: 'upload.aborted', data }, cause);
    logger.warn({ importId: state.importId }, 'upload aborted; the process that received it has ended');
  }
}
