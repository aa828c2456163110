/** The imports that this browser has started, each with its address. */

import type { ImportView } from '../following/import-view.ts';
import type { RememberedImport } from '../following/remembered-imports.ts';
import { importAddress } from '../router.ts';
import { formatMoment, formatRows } from '../words/format.ts';
import { type Badge, statusBadge } from '../words/words.ts';
import { runBadge } from './import-run.tsx';

/** An import of this tab that has no address: it waits for the server, or has failed before it got one. */
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
      <h2 id="recent-title">Your recent imports</h2>
      <ul data-testid="recent-imports">
        {unsent.map((entry) => (
          <UnsentItem key={entry.key} entry={entry} />
        ))}
        {imports.map((entry) => (
          <li key={entry.importId}>
            <a class="file-name" href={importAddress(entry.importId)}>
              {entry.fileName}
            </a>
            <span class="soft">
              {formatMoment(entry.startedAt)}
              {entry.rows !== null && `, ${formatRows(entry.rows)}`}
            </span>
            {entry.status !== null && <StatusBadge {...statusBadge(entry.status, entry.nothingImported)} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

function UnsentItem({ entry: { view, startedAt, show, giveUp } }: { entry: UnsentImport }) {
  return (
    <li data-testid="unsent-import">
      <button type="button" class="file-name" onClick={show}>
        {view.fileName}
      </button>
      <span class="soft">{formatMoment(startedAt)}</span>
      <StatusBadge {...runBadge(view)} />
      {view.upload?.phase === 'opening' && (
        <button type="button" class="button is-small" onClick={giveUp}>
          Cancel<span class="unseen"> the import of {view.fileName}</span>
        </button>
      )}
    </li>
  );
}

function StatusBadge({ text, tone }: Badge) {
  return <span class={`badge is-${tone}`}>{text}</span>;
}
