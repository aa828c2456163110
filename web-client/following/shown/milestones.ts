/** Which changes of an import the screen reader announces: changes of status, not every number. */
import type { ImportState } from '@tidings/contracts/imports/import.ts';
import { hasEnded, rowsReported } from '@tidings/contracts/imports/import.ts';
import type { WaitingFor } from '@tidings/contracts/imports/waiting-for.ts';
import { announcements, takeBackTitle, waitingWords } from '../../words/words.ts';
import { type ConnectionKind, isAway } from '../view/connection.ts';
import { type ImportView, isSentAgain } from '../view/import-view.ts';
import { badgeOfState } from './status-badge.tsx';

/** The sentence that announces the change between two views; null where the change is not announced. */
export function milestoneBetween(before: ImportView, after: ImportView): string | null {
  return (
    problemSentence(before, after) ??
    cancelSentence(before, after) ??
    sumsSentence(before.state, after.state) ??
    goesOnSentence(before, after) ??
    takeBackSentence(before.state, after.state) ??
    (isSentAgain(after) ? null : endSentence(before.state, after.state)) ??
    waitSentence(before.state, after.state) ??
    importConnectionSentence(before, after) ??
    uploadSentence(before, after) ??
    quarterSentence(before.state, after.state)
  );
}

function problemSentence(before: ImportView, after: ImportView): string | null {
  if (after.problem === null || after.problem === before.problem) return null;
  return announcements.problem(after.problem.title, after.problem.detail);
}

function cancelSentence(before: ImportView, after: ImportView): string | null {
  if (after.cancelWaits === before.cancelWaits || after.cancelWaits === null) return null;
  return after.cancelWaits === 'asked' ? announcements.cancelling : announcements.cancelUnanswered;
}

function sumsSentence(before: ImportState | null, after: ImportState | null): string | null {
  return after?.reconciled === false && before?.reconciled !== false ? announcements.sumsDiffer : null;
}

function goesOnSentence(before: ImportView, after: ImportView): string | null {
  if (after.upload?.phase === 'retrying' && before.upload?.phase !== 'retrying')
    return announcements.uploadGoesOn;
  return null;
}

function takeBackSentence(before: ImportState | null, after: ImportState | null): string | null {
  if (after === null || before === null) return null;
  if (after.status === 'cancelling' && before.status !== 'cancelling') return announcements.cancelling;
  const { undo } = after;
  if (undo === null) return null;
  if (undo.endedAt !== null && before.undo?.endedAt !== undo.endedAt)
    return announcements.takenBack(takeBackTitle(after));
  if (undo.endedAt === null && before.undo === null) return announcements.takenBack(takeBackTitle(after));
  return null;
}

/** Reasons that a person should hear of: nothing moves until somebody helps. */
const worthHearing: ReadonlySet<string> = new Set<WaitingFor['reason']>([
  'importer',
  'aggregator',
  'database',
  'log',
]);

function waitSentence(before: ImportState | null, after: ImportState | null): string | null {
  const waitingFor = after?.waitingFor ?? null;
  if (waitingFor === null || waitingFor.reason === before?.waitingFor?.reason) return null;
  return worthHearing.has(waitingFor.reason) ? announcements.waiting(waitingWords(waitingFor)) : null;
}

function endSentence(before: ImportState | null, after: ImportState | null): string | null {
  if (after === null || !hasEnded(after)) return null;
  if (before !== null && hasEnded(before) && before.status === after.status) return null;
  if (after.undo !== null) return announcements.takenBack(takeBackTitle(after));
  return announcements.ended(badgeOfState(after).text, after.rows);
}

function importConnectionSentence(before: ImportView, after: ImportView): string | null {
  if (after.state !== null && hasEnded(after.state)) return null;
  if (after.upload?.phase === 'opening')
    return waitingSentence(before.connection.kind, after.connection.kind);
  // An announcement has told already that the upload broke off. Nothing of that upload continues.
  if (after.upload?.phase === 'broken') return null;
  const { phase } = after.upload ?? {};
  const isOnItsWay = phase === 'sending' || phase === 'retrying';
  const meaning = isOnItsWay ? announcements.keepPageOpen : announcements.importGoesOn;
  return connectionSentence(before.connection.kind, after.connection.kind, meaning);
}

/** For a file that waits for its channel: no import runs yet that could go on. */
function waitingSentence(was: ConnectionKind, is: ConnectionKind): string | null {
  if (was === is) return null;
  if (is === 'degraded') return announcements.unsentWhileLate;
  return isAway(is) && !isAway(was) ? announcements.unsentWhileAway : null;
}

/**
 * The sentence for a connection that has changed; null where the change is not worth telling.
 *
 * @param meaning what a lost connection means to the reader
 */
export function connectionSentence(was: ConnectionKind, is: ConnectionKind, meaning: string): string | null {
  if (was === is) return null;
  if (is === 'degraded') return announcements.updatesLate;
  if (was === 'live') return announcements.connectionLost(meaning);
  if (is !== 'live' || was === 'connecting') return null;
  return was === 'degraded' ? announcements.updatesBack : announcements.connectedAgain;
}

function uploadSentence(before: ImportView, after: ImportView): string | null {
  if (before.upload?.phase !== 'sending' && after.upload?.phase === 'sending')
    return announcements.uploadStarted;
  const total = after.state?.rows.total ?? null;
  if (total === null || before.state === null || before.state.rows.total !== null) return null;
  return announcements.uploadComplete(total);
}

function quarterSentence(before: ImportState | null, after: ImportState | null): string | null {
  if (before === null || after === null || after.rows.total === null) return null;
  // Rows that were cancelled are reported, and not imported.
  if (after.status === 'cancelling' || after.rows.cancelled > 0) return null;
  const quarter = quarterOf(after);
  if (quarter <= quarterOf(before) || quarter > 3) return null;
  return announcements.quarter(quarter * 25, rowsReported(after), after.rows.total);
}

function quarterOf(state: ImportState): number {
  const total = state.rows.total;
  return total === null || total === 0 ? 0 : Math.floor((rowsReported(state) * 4) / total);
}
