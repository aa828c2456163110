/** Every import, live: what runs first. Draws what it is given. */
import './support.css';
import { useState } from 'preact/hooks';
import type { ConnectionView } from '../following/connection.ts';
import { ConnectionBadge, SupportStaleNote } from '../following/connection-note.tsx';
import { Heading } from '../shell/heading.tsx';
import type { PageProblem } from '../shell/page-problem.ts';
import { ProblemNote } from '../shell/problem-note.tsx';
import { formatCount } from '../words/format.ts';
import {
  type ImportTable,
  matchesFilter,
  type SupportFilter,
  sortImports,
  supportTotals,
} from './import-table.ts';
import { SupportTable } from './support-table.tsx';

interface SupportPageProps {
  readonly table: ImportTable;
  readonly connection: ConnectionView;
  readonly problem: PageProblem | null;
  readonly loaded: boolean;
  readonly hasOlder: boolean;
  readonly onOlder: () => void;
}

const filters: readonly (readonly [SupportFilter, string])[] = [
  ['all', 'All'],
  ['running', 'Running'],
  ['completed', 'Completed'],
  ['completed_with_errors', 'Completed with errors'],
  ['failed', 'Broken off'],
];

export function SupportPage({ table, connection, problem, loaded, hasOlder, onOlder }: SupportPageProps) {
  const [filter, setFilter] = useState<SupportFilter>('all');
  const shown = sortImports(table).filter((state) => matchesFilter(state, filter));
  return (
    <>
      <div class="support-head">
        <Heading>All imports</Heading>
        <ConnectionBadge kind={connection.kind} />
      </div>
      {problem !== null && <ProblemNote problem={problem} />}
      <SupportStaleNote connection={connection} />
      <div class="support-bar">
        <Totals table={table} />
        <p class="filter">
          <label for="filter">Show</label>
          <select
            id="filter"
            value={filter}
            onChange={(event) => setFilter(readFilter(event.currentTarget.value))}
            data-testid="support-filter"
          >
            {filters.map(([name, text]) => (
              <option key={name} value={name}>
                {text}
              </option>
            ))}
          </select>
        </p>
      </div>
      {shown.length > 0 && <SupportTable states={shown} />}
      {shown.length === 0 && problem === null && (
        <div class="card empty" data-testid="support-empty">
          <h2>{emptyTitle(loaded, filter)}</h2>
          {loaded && <p class="soft">An import appears here as soon as its file begins to arrive.</p>}
        </div>
      )}
      {hasOlder && (
        <p class="support-more">
          <button type="button" class="button" onClick={onOlder}>
            Load older imports
          </button>
        </p>
      )}
    </>
  );
}

function readFilter(value: string): SupportFilter {
  return filters.find(([name]) => name === value)?.[0] ?? 'all';
}

function emptyTitle(loaded: boolean, filter: SupportFilter): string {
  if (!loaded) return 'Loading…';
  return filter === 'all' ? 'No imports yet' : 'None of this kind';
}

function Totals({ table }: { table: ImportTable }) {
  const { running, rowsPerSecond, troubled } = supportTotals(table);
  return (
    <dl class="totals">
      <div>
        <dt>running</dt>
        <dd data-testid="support-running">{formatCount(running)}</dd>
      </div>
      <div>
        <dt>rows/s</dt>
        <dd>{formatCount(rowsPerSecond)}</dd>
      </div>
      <div>
        <dt>ended with errors</dt>
        <dd>{formatCount(troubled)}</dd>
      </div>
    </dl>
  );
}
