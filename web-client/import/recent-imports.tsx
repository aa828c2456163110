/** The imports that this browser has started, each with its address. */
import { type ImportView, mayBeGivenUp } from '../following/import-view.ts';
import type { RememberedImport } from '../following/remembered-imports.ts';
import { badgeOfStatus, StatusBadgeView } from '../following/status-badge.tsx';
import { formatMoment } from '../words/format/format.ts';
import { recentWords } from '../words/words.ts';
import { ImportLink } from './import-link.tsx';
import { badgeOfView } from './run-badge.ts';

/** An import of this tab that has no address: it waits for the server, or failed before it got one. */
export interface UnsentImport {
  readonly key: string;
  readonly view: ImportView;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly show: () => void;
  readonly giveUp: () => void;
}

interface RecentImportsProps {
  readonly imports: readonly RememberedImport[];
  readonly unsent: readonly UnsentImport[];
}

export function RecentImports({ imports, unsent }: RecentImportsProps) {
  if (imports.length === 0 && unsent.length === 0) return null;
  return (
    <section class="recent" aria-labelledby="recent-title">
      <h2 id="recent-title">{recentWords.title}</h2>
      <ul data-testid="recent-imports">
        {unsent.map((entry) => (
          <UnsentItem key={entry.key} entry={entry} />
        ))}
        {imports.map((entry) => (
          <RememberedItem key={entry.importId} entry={entry} />
        ))}
      </ul>
    </section>
  );
}

function RememberedItem({ entry }: { entry: RememberedImport }) {
  const { importId, fileName, startedAt, rows, status } = entry;
  return (
    <li>
      <ImportLink to={importId} class="file-name link">
        {fileName}
      </ImportLink>
      <span class="soft">{recentWords.started(formatMoment(startedAt), rows)}</span>
      {status !== null && <StatusBadgeView badge={badgeOfStatus(status, entry.nothingImported)} />}
    </li>
  );
}

function UnsentItem({ entry: { view, startedAt, show, giveUp } }: { entry: UnsentImport }) {
  return (
    <li data-testid="unsent-import">
      <button type="button" class="file-name link" onClick={show}>
        {view.fileName}
      </button>
      <span class="soft">{recentWords.started(formatMoment(startedAt), null)}</span>
      <StatusBadgeView badge={badgeOfView(view)} />
      {mayBeGivenUp(view) && (
        <button
          type="button"
          class="button is-small"
          aria-label={recentWords.cancelOf(view.fileName)}
          onClick={giveUp}
        >
          {recentWords.cancel}
        </button>
      )}
    </li>
  );
}
