/** Every durable notification of an import reached the client of its channel: each stage once, in order. */
import type { ImportState } from '@tidings/contracts/import.ts';
import type { Notification } from '@tidings/contracts/notification.ts';
import type { Findings } from './findings.ts';

/**
 * @param durable all of one channel, in the order in which its client has them
 * @param states the ended imports of the channel
 */
export function checkNotifications(
  durable: readonly Notification[],
  states: readonly ImportState[],
  findings: Findings,
): void {
  const bySubject = new Map<string, string[]>(states.map(({ importId }) => [importId, []]));
  for (const { subject, type, channelId } of durable) {
    const types = bySubject.get(subject);
    if (types === undefined) findings.wrong(`${type} on channel ${channelId} is about no import: ${subject}`);
    else types.push(type);
  }
  for (const state of states) checkStages(state, bySubject.get(state.importId) ?? [], findings);
  for (const eventId of repeated(durable.flatMap((notification) => notification.eventId ?? [])))
    findings.doubled('notifications', 1, `event ${eventId} was delivered twice`);
}

function checkStages(state: ImportState, told: readonly string[], findings: Findings): void {
  const expected = stagesOf(state);
  // Chunks may fail in any number, at any moment.
  const stages = told.filter((type) => type !== 'import.chunk_failed');
  const what = `import ${state.importId}, ${state.status}, was told as ${told.join(', ') || 'nothing'}`;
  const missing = expected.filter((type) => !stages.includes(type));
  const surplus = stages.length - new Set(stages).size;
  if (missing.length > 0)
    findings.lost('notifications', missing.length, `${what}: ${missing.join(', ')} is missing`);
  else if (surplus > 0) findings.doubled('notifications', surplus, `${what}: a stage came twice`);
  else if (stages.join() !== expected.join()) findings.wrong(`${what}, and not as ${expected.join(', ')}`);
}

/** What an ended import was told as, in order. */
export function stagesOf({ status, upload }: ImportState): string[] {
  const sealed = upload === 'sealed' ? ['import.sealed'] : [];
  return ['import.accepted', ...sealed, `import.${status}`, 'import.reconciled'];
}

function repeated(ids: readonly string[]): string[] {
  const seen = new Set<string>();
  return ids.filter((id) => seen.has(id) || !seen.add(id));
}
