/** Imports that the server has not told yet: those that this tab has not sent, and those that this browser remembers. */

import type { RememberedImport } from '../../following/access/remembered-imports.ts';
import { badgeOfRemembered, StatusBadgeView } from '../../following/shown/status-badge.tsx';
import { type ImportView, mayBeGivenUp } from '../../following/view/import-view.ts';
import { ActionButton } from '../../shell/components/action-button.tsx';
import { formatMoment, formatRows } from '../../words/format/format.ts';
import { earlierWords } from '../../words/words.ts';
import { ImportLink } from '../place/import-link.tsx';
import { badgeOfView } from '../run/run-badge.ts';

/** An import of this tab that has no address: it waits for the server, or failed before it got one. */
export interface UnsentImport {
  readonly key: string;
  readonly view: ImportView;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly show: () => void;
  readonly giveUp: () => void;
}

export function UnsentItem({ entry: { view, startedAt, show, giveUp } }: { entry: UnsentImport }) {
  return (
    <li class="earlier-line" data-testid="unsent-import">
      <button type="button" class="file-name link" onClick={show}>
        {view.fileName}
      </button>
      <StatusBadgeView badge={badgeOfView(view)} />
      <span class="soft earlier-facts">
        <span>{formatMoment(startedAt)}</span>
      </span>
      {mayBeGivenUp(view) && (
        <ActionButton small label={earlierWords.cancelOf(view.fileName)} onClick={giveUp}>
          {earlierWords.cancel}
        </ActionButton>
      )}
    </li>
  );
}

export function RememberedItem({ entry }: { entry: RememberedImport }) {
  const { importId, fileName, startedAt, rows } = entry;
  const badge = badgeOfRemembered(entry);
  return (
    <li class="earlier-line">
      <ImportLink to={importId} class="file-name link">
        {fileName}
      </ImportLink>
      {badge !== null && <StatusBadgeView badge={badge} />}
      <span class="soft earlier-facts">
        <span>{formatMoment(startedAt)}</span>
        {rows !== null && <span>{formatRows(rows)}</span>}
      </span>
    </li>
  );
}
