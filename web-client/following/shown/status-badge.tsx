/** How an import stands, in a word and a colour. */
import type { ImportState, ImportStatus } from '@tidings/contracts/imports/import.ts';
import { badgeWords, statusWords } from '../../words/words.ts';
import type { RememberedImport } from '../access/remembered-imports.ts';
import { nothingImported, type RestOfErrors, restOfErrors } from '../view/import-outcome.ts';

export interface StatusBadge {
  readonly text: string;
  /** `quiet`: ended as somebody asked. */
  readonly tone: 'busy' | 'good' | 'warn' | 'bad' | 'quiet';
}

const tones: Record<ImportStatus, StatusBadge['tone']> = {
  accepted: 'busy',
  importing: 'busy',
  cancelling: 'busy',
  completed: 'good',
  completed_with_errors: 'warn',
  failed: 'bad',
  cancelled: 'quiet',
  undoing: 'busy',
  undone: 'quiet',
};

/** @param isNothing whether no row of the import could be imported */
export function badgeOfStatus(status: ImportStatus, isNothing: boolean): StatusBadge {
  if (isNothing) return { text: badgeWords.nothingImported, tone: 'bad' };
  return { text: statusWords[status], tone: tones[status] };
}

export function badgeOfState(state: ImportState): StatusBadge {
  if (state.reconciled === false) return { text: badgeWords.sumsDiffer, tone: 'bad' };
  const rest = restOfErrors(state);
  return rest === null ? badgeOfStatus(state.status, nothingImported(state)) : badgeOfRest(rest);
}

/** Null where what this browser remembers may be true no more. */
export function badgeOfRemembered(entry: RememberedImport): StatusBadge | null {
  const { status, rest } = entry;
  if (status === null || rest === 'unknown') return null;
  return rest === undefined ? badgeOfStatus(status, entry.nothingImported) : badgeOfRest(rest);
}

function badgeOfRest(rest: RestOfErrors): StatusBadge {
  if (rest === 'mended') return { text: badgeWords.mended, tone: 'good' };
  if (rest === 'ignored') return { text: badgeWords.restIgnored, tone: 'quiet' };
  return { text: badgeWords.notSaved, tone: 'warn' };
}

export function StatusBadgeView({ badge, testId }: { badge: StatusBadge; testId?: string }) {
  return (
    <span class={`badge is-${badge.tone}`} data-testid={testId}>
      {badge.text}
    </span>
  );
}
