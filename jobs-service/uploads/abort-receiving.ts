/**
 * On one machine, an upload that was being received when the process died has no sender any more: at start each is
 * aborted at once. Nobody knows how many chunks it had; those that count are the ones reported before the abort, and the
 * ones that still stand in the lanes.
 */
import { topics } from '@tidings/contracts/topics.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import type { LiveImports } from '../imports/folded-from-log.ts';
import { sendCommand } from '../to-log.ts';

/** @param groups the consumer group of each lane's importers, whose position tells what is done */
export async function abortReceiving(
  log: EventLog,
  live: LiveImports,
  groups: Readonly<Record<string, string>>,
  logger: Logger,
): Promise<void> {
  const receiving = [...live.values()].filter(({ state }) => state.upload === 'receiving');
  if (receiving.length === 0) return;
  const pending = new Map(receiving.map(({ state }) => [state.importId, [] as number[]]));
  for (const [topic, group] of Object.entries(groups)) await collectPending(log, topic, group, pending);
  for (const { state, uploadId, cause } of receiving) {
    const chunks = { pending: pending.get(state.importId) ?? [] };
    const data = { uploadId, error: 'receiver_restarted' as const, chunks, bytes: state.bytes };
    await sendCommand(log, state.importId, { type: 'upload.aborted', data }, cause);
    logger.warn({ importId: state.importId }, 'an upload that was cut off by the last stop was aborted');
  }
}

async function collectPending(
  log: EventLog,
  topic: string,
  group: string,
  pending: Map<string, number[]>,
): Promise<void> {
  const offsets = (await log.committedOffsets(group, topic)).map((offset) => offset ?? 0);
  for await (const records of log.read({ topic, from: { offsets }, follow: false })) {
    for (const { key } of records) {
      const separator = key.lastIndexOf(':');
      pending.get(key.slice(0, separator))?.push(Number(key.slice(separator + 1)));
    }
  }
}

/** The lanes, with the groups that work them off. */
export const laneGroups: Readonly<Record<string, string>> = {
  [topics.expressWork]: 'importer.express',
  [topics.bulkWork]: 'importer.bulk',
};
