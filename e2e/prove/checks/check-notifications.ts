/** Every durable notification of an import reached the client of its channel: each stage once, in order. */
import type { ImportState } from '@tidings/contracts/imports/import.ts';
import type { Notification } from '@tidings/contracts/notifications/notification.ts';
import type { Findings } from '../findings.ts';

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
  for (const { subject, type, channelId, data } of durable) {
    const types = bySubject.get(subject);
    if (types === undefined) findings.wrong(`${type} on channel ${channelId} is about no import: ${subject}`);
    else types.push(type === 'import.undone' && hasLeftContacts(data as ImportState) ? UNDONE_IN_PART : type);
  }
  for (const state of states) checkStages(state, bySubject.get(state.importId) ?? [], findings);
  for (const eventId of repeated(durable.flatMap((notification) => notification.eventId ?? [])))
    findings.doubled('notifications', 1, `event ${eventId} was delivered twice`);
}

function checkStages(state: ImportState, told: readonly string[], findings: Findings): void {
  const what = `import ${state.importId}, ${state.status}, was told as ${told.join(', ') || 'nothing'}`;
  // Chunks may fail in any number, at any moment, and so may undos.
  const stages = told.filter((type) => !failures.has(type));
  const hasFailed = told.some((type) => type !== UNDONE_IN_PART && failures.has(type));
  const attempts = splitByUpload(stages);
  const last = withoutEarlierEnds(attempts.pop() ?? [], hasFailed);
  // Under an `Idempotency-Key` another upload may follow one that broke off.
  if (!attempts.every((attempt) => isInOrder(attempt, ['import.accepted', 'import.failed'])))
    findings.wrong(`${what}: an upload before the last one did not break off`);
  const expected = stagesOf(state, last);
  const missing = expected.filter((type) => !last.includes(type));
  const surplus = last.length - new Set(last).size;
  if (missing.length > 0)
    findings.lost('notifications', missing.length, `${what}: ${missing.join(', ')} is missing`);
  else if (surplus > 0) findings.doubled('notifications', surplus, `${what}: a stage came twice`);
  else if (!isInOrder(last, expected)) findings.wrong(`${what}, and not as ${expected.join(', ')}`);
}

function hasLeftContacts({ undo }: ImportState): boolean {
  return (undo?.failed ?? 0) > 0;
}

/** In place of `import.undone`, where an undo has left contacts, and was begun again. */
const UNDONE_IN_PART = 'import.undone in part';
/** What may be told in any number. */
const failures: ReadonlySet<string> = new Set(['import.chunk_failed', 'import.chunks_lost', UNDONE_IN_PART]);
const outcomes = ['import.completed', 'import.completed_with_errors', 'import.failed', 'import.cancelled'];
/** They follow the outcome in either order. */
const afterwards: ReadonlySet<string> = new Set(['import.reconciled', 'import.undone']);

/** What an ended import was told as, in order. @param told from which the outcome of an import is taken that was undone since */
function stagesOf({ status, upload, undo }: ImportState, told: readonly string[]): string[] {
  const sealed = upload === 'sealed' ? ['import.sealed'] : [];
  const before = outcomes.find((type) => told.includes(type)) ?? 'import.completed';
  const outcome = status === 'undone' ? before : `import.${status}`;
  const undone = undo === null ? [] : ['import.undone'];
  return ['import.accepted', ...sealed, outcome, 'import.reconciled', ...undone];
}

/** Whether these are the stages, in this order, but for those that may follow the outcome in any. */
function isInOrder(told: readonly string[], expected: readonly string[]): boolean {
  const ordered = (stages: readonly string[]) => stages.filter((type) => !afterwards.has(type)).join();
  const firstAfterwards = told.findIndex((type) => afterwards.has(type));
  const isAtTheEnd = firstAfterwards < 0 || told.slice(firstAfterwards).every((type) => afterwards.has(type));
  return isAtTheEnd && ordered(told) === ordered(expected);
}

/** An import with dead letters has ended, and ends again once they are tried again: the last end counts. */
function withoutEarlierEnds(stages: readonly string[], hasFailed: boolean): readonly string[] {
  const end = stages.findLastIndex((type) => outcomes.includes(type));
  if (!hasFailed) return stages;
  return stages.filter(
    (type, index) => index >= end || !(outcomes.includes(type) || type === 'import.reconciled'),
  );
}

function splitByUpload(stages: readonly string[]): string[][] {
  const attempts: string[][] = [];
  for (const type of stages) {
    const attempt = attempts.at(-1);
    if (attempt === undefined || type === 'import.accepted') attempts.push([type]);
    else attempt.push(type);
  }
  return attempts;
}

function repeated(ids: readonly string[]): string[] {
  const seen = new Set<string>();
  return ids.filter((id) => seen.has(id) || !seen.add(id));
}
