/** How an import stands for the tab that shows it, including an upload that the services do not know of yet. */
import { hasEnded } from '@tidings/contracts/imports/import.ts';
import { badgeOfState, type StatusBadge } from '../../following/shown/status-badge.tsx';
import { type ImportView, isSentAgain } from '../../following/view/import-view.ts';
import { badgeWords, statusWords } from '../../words/words.ts';

export function badgeOfView(view: ImportView): StatusBadge {
  const { problem, state, upload } = view;
  if (view.cancelWaits !== null) return { text: statusWords.cancelling, tone: 'busy' };
  if (problem !== null && (state === null || !hasEnded(state))) {
    if (upload === null) return { text: badgeWords.notAvailable, tone: 'bad' };
    // Rows that had arrived are imported all the same, so such an import is not refused as a whole.
    const begun = state !== null || problem.code === 'network';
    return { text: begun ? badgeWords.brokenOff : badgeWords.notImported, tone: 'bad' };
  }
  if (isSentAgain(view)) return { text: badgeWords.sentAgain, tone: 'busy' };
  if (state?.status === 'cancelling') return badgeOfState(state);
  if (upload?.phase === 'opening' || upload?.phase === 'retrying')
    return { text: badgeWords.waiting, tone: 'busy' };
  if (upload?.phase === 'sending') return { text: badgeWords.uploading, tone: 'busy' };
  if (state === null)
    return { text: upload === null ? badgeWords.loading : statusWords.accepted, tone: 'busy' };
  return badgeOfState(state);
}
