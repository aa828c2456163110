/** The words for ending an import early, for taking it back, and for trying again what failed. */

import type { ImportState, UndoProgress } from '@tidings/contracts/imports/import.ts';
import type { UndoItem, UndoReason } from '@tidings/contracts/imports/undo-outcomes.ts';
import type { WaitingFor } from '@tidings/contracts/imports/waiting-for.ts';
import { formatClock, formatContacts, formatCount, formatRows } from '../format/format.ts';
import { wordsOfCode } from '../format/known.ts';

/** `9,120 contacts were added and 640 changed`; null where neither. */
function written(added: number, changed: number): string | null {
  if (added === 0 && changed === 0) return null;
  if (changed === 0) return `${formatContacts(added)} ${added === 1 ? 'was' : 'were'} added`;
  if (added === 0) return `${formatContacts(changed)} ${changed === 1 ? 'was' : 'were'} changed`;
  return `${formatContacts(added)} ${added === 1 ? 'was' : 'were'} added and ${formatCount(changed)} changed`;
}

/** `94,371 rows had been added`. */
function hadBeenAdded(added: number, changed: number): string {
  if (changed === 0) return `${formatRows(added)} had been added`;
  if (added === 0) return `${formatRows(changed)} had changed contacts`;
  return `${formatRows(added + changed)} had been added or had changed contacts`;
}

export const cancelWords = {
  label: 'Cancel this import',
  yes: 'Yes, cancel it',
  no: 'Let it go on',
  question: 'Cancel this import?',
  /** @param left rows that are not done; null while the total is not known */
  meaning: (added: number, changed: number, left: number | null) => {
    const done = written(added, changed);
    return [
      left === null
        ? 'What is not done yet will not be imported.'
        : `${formatRows(left)} will not be imported.`,
      done === null
        ? 'No contact was changed so far.'
        : `${done} so far. They stay, until you take them back.`,
    ].join(' ');
  },
  restNotSent: 'The rest of the file is not sent.',
  notSent: 'Nothing more of the file is sent.',
  asked: {
    title: 'The server is being asked what it has of the file.',
    meaning: 'What it has is cancelled. Keep this page open.',
  },
  unanswered: {
    title: 'The server does not answer, so this import may still run.',
    meaning: 'This page asks again until the import is cancelled. Keep it open.',
  },
  cancelling: 'Cancelling: what has not run will not run. The numbers are final in a moment.',
} as const;

/** What was done with an import that was cancelled before the page knew it by an id. */
export const givenUpWords = {
  not_sent: (fileName: string) => `${fileName} will not be imported. Nothing of it was sent.`,
  nothing_received: (fileName: string) => `${fileName} will not be imported. The server has nothing of it.`,
  cut_off: (fileName: string) =>
    `The upload of ${fileName} was cancelled, and the file will not be imported. If the server has received rows all the same, they are taken back, and the import is listed among the earlier ones.`,
} as const;

export const takeBackWords = {
  label: 'Take this import back…',
  yes: 'Yes, take it back',
  no: 'Keep it',
  question: 'Take this import back?',
  meaning: (added: number, changed: number) =>
    [
      added === 0 ? null : `${formatContacts(added)} that it added ${added === 1 ? 'is' : 'are'} deleted.`,
      changed === 0
        ? null
        : `${formatContacts(changed)} that it changed ${changed === 1 ? 'gets' : 'get'} back what ${changed === 1 ? 'it' : 'they'} held before.`,
      'Contacts that somebody has edited since are kept as they are.',
    ]
      .filter((sentence) => sentence !== null)
      .join(' '),
  /** Where an undo has ended with contacts that could not be taken back. */
  again: {
    label: 'Try to take the rest back',
    yes: 'Yes, try again',
    no: 'Leave them',
    question: 'Try to take the rest back?',
    meaning: (failed: number, kept: number) =>
      [
        `${formatContacts(failed)} that could not be taken back ${failed === 1 ? 'is' : 'are'} tried again.`,
        kept === 0 ? null : 'What was kept stays as it is.',
      ]
        .filter((sentence) => sentence !== null)
        .join(' '),
  },
  /** The name of the progress bar. */
  phase: 'Taking back',
  progress: (done: number, whole: number) => `${formatCount(done)} of ${formatContacts(whole)}`,
  asBefore: 'Each of these contacts is as it was before the import.',
  rowsHad: 'What the import had done',
} as const;

/** What has become of an import that is taken back, or was. */
export function takeBackTitle({ status, rows, undo }: ImportState): string {
  const running = undo === null || undo.endedAt === null;
  if (status !== 'failed') return running ? 'The import is being taken back' : undoneTitle(undo);
  if (rows.created + rows.updated === 0) return 'Broken off before any row was added';
  const had = `Broken off: ${hadBeenAdded(rows.created, rows.updated)}`;
  if (running) return `${had} and ${rows.created + rows.updated === 1 ? 'is' : 'are'} being taken back`;
  if (undo.kept + undo.failed > 0) return `${had}; ${takeBackResults(undo, formatCount)}`;
  return `${had} and ${undo.reversed === 1 ? 'was' : 'were'} taken back`;
}

function undoneTitle(undo: UndoProgress): string {
  return undo.kept + undo.failed === 0 ? allTakenBack(undo.reversed) : takeBackResults(undo, formatContacts);
}

function allTakenBack(count: number): string {
  return `Taken back: ${formatContacts(count)}`;
}

/** `94,359 were taken back, 12 kept, 1 could not be taken back`. */
export function takeBackResults(
  { reversed, kept, failed }: UndoProgress,
  format: (count: number) => string,
): string {
  return [
    `${format(reversed)} ${reversed === 1 ? 'was' : 'were'} taken back`,
    kept === 0 ? null : `${formatCount(kept)} kept`,
    failed === 0 ? null : `${formatCount(failed)} could not be taken back`,
  ]
    .filter((part) => part !== null)
    .join(', ');
}

const outcomes: Record<UndoItem['outcome'], string> = {
  reversed: 'Taken back',
  kept: 'Kept',
  failed: 'Not taken back',
};

/** By the codes of the API. */
const reasons: Record<UndoReason, string> = {
  edited_since: 'edited by hand since',
  imported_since: 'a later import has changed it',
  confirmed_since: 'another import has brought the same values',
  page_failed: 'the database has refused the change',
};

export const keptWords = {
  kept: (kept: number) => `${formatContacts(kept)} ${kept === 1 ? 'was' : 'were'} kept.`,
  failed: (failed: number) => `${formatContacts(failed)} could not be taken back.`,
  tryAgain: 'You may try again.',
  why: 'What was edited by hand since, or changed or brought again by another import, is not touched.',
  show: 'Show which, and why',
  more: 'Show more',
  loading: 'Loading…',
  caption: 'Contacts that were not taken back',
  outcome: (outcome: UndoItem['outcome'], reason: string | null) =>
    `${outcomes[outcome]}${reason === null ? '' : `: ${wordsOfCode(reasons, reason)}`}`,
} as const;

export const retryWords = {
  label: 'Try the failed rows again',
  busy: 'Asking…',
} as const;

export const resendWords = {
  title: 'The upload broke off.',
  takenBackFirst: 'What had been added is taken back.',
  /** @param retryAt milliseconds since 1970 */
  at: (retryAt: number) =>
    `The file is sent again by itself, from the start, at ${formatClock(retryAt)}. Keep this page open.`,
  now: 'The file is being sent again from the start. Keep this page open.',
  /** @param retryAt milliseconds since 1970 */
  goesOnAt: (retryAt: number) =>
    `The upload goes on by itself at ${formatClock(retryAt)}. Keep this page open.`,
  phase: (retryAt: number) => `Broke off, goes on at ${formatClock(retryAt)}`,
  /** The same, where it begins with the first byte. */
  phaseAnew: (retryAt: number) => `Broke off, is sent again at ${formatClock(retryAt)}`,
  /** The time to go on has come, and there is no answer yet. */
  trying: 'It is being tried again now. Keep this page open.',
  phaseNow: 'Broke off, trying again now',
  again: 'Starts again with the first rows received',
} as const;

/** What an import waits for, after “Waits for”. */
export function waitingWords({ reason, text, attempt, attempts, at }: WaitingFor): string {
  switch (reason) {
    case 'importer':
      return 'Waits: no importer is running';
    case 'aggregator':
      return 'Waits: no aggregator is running';
    case 'database':
      return 'Waits for the database, which does not answer';
    case 'log':
      return 'Waits for the log, which does not answer';
    case 'retry':
      return attempt === undefined || attempts === undefined || at === undefined
        ? `Waits for ${text}`
        : `Waits for retry ${attempt} of ${attempts} at ${formatClock(Date.parse(at))}`;
    default:
      return `Waits for ${text}`;
  }
}
