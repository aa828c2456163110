/** How an import stands, in a word and a colour. */
import type { ImportState, ImportStatus } from '@tidings/contracts/imports/import.ts';
import { badgeWords, statusWords } from '../words/words.ts';
import { isMended, isRestIgnored, nothingImported } from './import-outcome.ts';

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
  if (isMended(state)) return { text: badgeWords.mended, tone: 'good' };
  if (isRestIgnored(state)) return { text: badgeWords.restIgnored, tone: 'quiet' };
  return badgeOfStatus(state.status, nothingImported(state));
}

export function StatusBadgeView({ badge, testId }: { badge: StatusBadge; testId?: string }) {
  return (
    <span class={`badge is-${badge.tone}`} data-testid={testId}>
      {badge.text}
    </span>
  );
}
