/** The imports of rows that were mended, under the import in which they were rejected. */
import { type ImportState, isAtRest, rowsReported } from '@tidings/contracts/imports/import.ts';
import { useEffect, useState } from 'preact/hooks';
import type { RejectedAccess } from '../../following/access/rejected-access.ts';
import { badgeOfState, StatusBadgeView } from '../../following/shown/status-badge.tsx';
import { isStale } from '../../following/view/import-view.ts';
import { mendWords } from '../../words/words.ts';
import type { ImportActions } from '../place/import-actions.ts';
import { ImportLink } from '../place/import-link.tsx';
import { useFollowed } from '../place/use-followed.ts';

interface MendedImportsProps extends Pick<ImportActions, 'follow'> {
  /** The imports are asked for anew where the version changes. */
  readonly version: string;
  readonly openAccess: () => Promise<RejectedAccess>;
  /** Called when one of them has come to its end. */
  readonly onEnd: () => void;
}

export function MendedImports({ version, openAccess, follow, onEnd }: MendedImportsProps) {
  const [menders, setMenders] = useState<readonly ImportState[]>([]);
  useEffect(() => {
    let isShown = true;
    openAccess()
      .then((access) => access.menders())
      .then(
        (found) => isShown && setMenders(found),
        // The first import is shown all the same.
        () => undefined,
      );
    return () => {
      isShown = false;
    };
  }, [version]);
  if (menders.length === 0) return null;
  return (
    <ul class="menders" aria-label={mendWords.imports} data-testid="mended-imports">
      {menders.map((state) => (
        <li key={state.importId}>
          <MendedImport state={state} follow={follow} onEnd={onEnd} />
        </li>
      ))}
    </ul>
  );
}

interface MendedImportProps extends Pick<MendedImportsProps, 'follow' | 'onEnd'> {
  readonly state: ImportState;
}

function MendedImport({ state: asked, follow, onEnd }: MendedImportProps) {
  const followed = useFollowed(asked.importId, follow, true);
  const view = followed?.view.value;
  const state = view?.state ?? asked;
  const hasEnded = isAtRest(state);
  // What it has come to counts for the services a moment after its end, at the latest once its sums are compared.
  useEffect(() => {
    if (hasEnded) onEnd();
  }, [hasEnded, state.reconciled]);
  const { rejected, failed, cancelled, total } = state.rows;
  const reported = rowsReported(state);
  return (
    <>
      <ImportLink to={state.importId} class="file-name link">
        {state.fileName}
      </ImportLink>
      <span class={view !== undefined && isStale(view) ? 'soft is-stale' : 'soft'}>
        {mendWords.progress(reported - rejected - failed - cancelled, total ?? reported)}
      </span>
      <StatusBadgeView badge={badgeOfState(state)} />
    </>
  );
}
