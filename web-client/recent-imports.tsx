/** The imports that this browser has started, each with its address. */
import { formatMoment, formatRows } from './format.ts';
import type { RememberedImport } from './import-memory.ts';
import { importAddress } from './router.ts';
import { statusTones, statusWords } from './words.ts';

export function RecentImports({ imports }: { imports: readonly RememberedImport[] }) {
  if (imports.length === 0) return null;
  return (
    <section class="recent" aria-labelledby="recent-title">
      <h2 id="recent-title">Your recent imports</h2>
      <ul data-testid="recent-imports">
        {imports.map((entry) => (
          <li key={entry.importId}>
            <a class="file-name" href={importAddress(entry.importId)}>
              {entry.fileName}
            </a>
            <span class="soft">
              {formatMoment(entry.startedAt)}
              {entry.rows !== null && `, ${formatRows(entry.rows)}`}
            </span>
            {entry.status !== null && (
              <span class={`badge is-${statusTones[entry.status]}`}>{statusWords[entry.status]}</span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
