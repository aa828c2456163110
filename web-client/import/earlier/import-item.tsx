/** An import in the list, and under it those that mend it. */
import { hasEnded, type ImportState, isAtRest, rowsReported } from '@tidings/contracts/imports/import.ts';
import type { FollowedImport } from '../../following/followed/followed-import.ts';
import { BucketBar } from '../../following/shown/bucket-bar.tsx';
import { badgeOfState, type StatusBadge, StatusBadgeView } from '../../following/shown/status-badge.tsx';
import { type ImportView, importRemaining, isOlder, isStale } from '../../following/view/import-view.ts';
import { formatMoment, formatRemaining, formatRows } from '../../words/format/format.ts';
import { earlierWords, mendWords, phaseWords } from '../../words/words.ts';
import type { ImportActions } from '../place/import-actions.ts';
import { ImportLink } from '../place/import-link.tsx';
import { useFollowed } from '../place/use-followed.ts';
import { badgeOfView } from '../run/run-badge.ts';
import type { ImportGroup } from './import-groups.ts';

interface Following extends Pick<ImportActions, 'follow'> {
  /** Ids of the imports that are followed by their channels. */
  readonly followed: ReadonlySet<string>;
}

export function ImportItem({ state: first, left, menders, ...following }: ImportGroup & Following) {
  return (
    <li>
      <ImportLine state={first} left={left} elsewhere={first.mends} {...following} />
      {menders.length > 0 && (
        <ul class="earlier-menders" aria-label={mendWords.imports}>
          {menders.map(({ state, left: itsLeft }) => (
            <li key={state.importId}>
              <ImportLine state={state} left={itsLeft} {...following} />
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}

interface ImportLineProps extends Following {
  readonly state: ImportState;
  readonly left: number;
  /** The import that it mends, where that one stands elsewhere. */
  readonly elsewhere?: string | null;
}

function ImportLine({ state: listed, left, elsewhere = null, follow, followed: all }: ImportLineProps) {
  const followed = useFollowed(listed.importId, follow, all.has(listed.importId));
  const state = newestOf(listed, followed);
  const view = followed?.view.value ?? null;
  const isLate = view !== null && isStale(view);
  return (
    <div class={isLate ? 'earlier-line is-stale' : 'earlier-line'} data-import={state.importId}>
      <ImportLink to={state.importId} class="file-name link">
        {state.fileName}
      </ImportLink>
      <StatusBadgeView badge={badgeOf(state, view, left)} />
      <span class="soft earlier-facts">
        {[formatMoment(Date.parse(state.acceptedAt)), ...factsOf(state, view, left)].map((fact) => (
          <span key={fact}>{fact}</span>
        ))}
        {elsewhere !== null && <ImportLink to={elsewhere}>{earlierWords.mendsAnother}</ImportLink>}
      </span>
      {!hasEnded(state) && state.rows.total !== null && <BucketBar rows={state.rows} slim />}
    </div>
  );
}

function newestOf(listed: ImportState, followed: FollowedImport | null): ImportState {
  const known = followed?.view.value.state ?? null;
  return known !== null && !isOlder(known, listed) ? known : listed;
}

function badgeOf(state: ImportState, view: ImportView | null, left: number): StatusBadge {
  if (view !== null && !isAtRest(state)) return badgeOfView(view);
  return badgeOfState({ ...state, leftToMend: left });
}

function factsOf(state: ImportState, view: ImportView | null, left: number): string[] {
  const { rows, status, dryRun } = state;
  const reported = rowsReported(state);
  if (!hasEnded(state) && status !== 'undoing') return progressOf(state, view);
  // What it has added and changed is not there any more; the badge says so.
  if (status === 'undone') return [formatRows(rows.total ?? reported)];
  const { created, updated, rejected, failed } = rows;
  const mended = rejected - left;
  return [
    formatRows(rows.total ?? reported),
    ...(dryRun ? [earlierWords.onlyChecked] : []),
    ...(created > 0 && !dryRun ? [earlierWords.added(created)] : []),
    ...(updated > 0 && !dryRun ? [earlierWords.changed(updated)] : []),
    ...(rejected > 0 && mended > 0 ? [mendWords.progress(mended, rejected)] : []),
    ...(rejected > 0 && state.restIgnored && left > 0 ? [earlierWords.ignored(left)] : []),
    ...(rejected > 0 && !state.restIgnored && mended === 0 ? [earlierWords.toFix(rejected)] : []),
    ...(failed > 0 ? [earlierWords.notSaved(failed)] : []),
  ];
}

function progressOf(state: ImportState, view: ImportView | null): string[] {
  const { total } = state.rows;
  const reported = rowsReported(state);
  const remaining = view === null ? null : importRemaining(view);
  return [
    total === null ? phaseWords.soFar(reported, '') : phaseWords.rowsOf(reported, total),
    ...(remaining === null ? [] : [formatRemaining(remaining)]),
  ];
}
