/** Every import, live, running ones first. Draws what it is given. */
import './support.css';
import { useState } from 'preact/hooks';
import type { ConnectionView } from '../following/connection.ts';
import { ConnectionBadge } from '../following/connection-badge.tsx';
import { Heading } from '../shell/heading.tsx';
import type { PageProblem } from '../shell/page-problem.ts';
import { ProblemNote } from '../shell/problem-note.tsx';
import { formatCount } from '../words/format/format.ts';
import { differingWords, problemWords, supportFilterWords, supportWords } from '../words/words.ts';
import {
  type ImportTable,
  matchesFilter,
  type SupportFilter,
  sortImports,
  supportFilters,
  supportTotals,
} from './import-table.ts';
import { SupportStaleNote } from './support-stale-note.tsx';
import { SupportTable } from './support-table.tsx';

interface SupportPageProps {
  readonly table: ImportTable;
  readonly connection: ConnectionView;
  readonly problem: PageProblem | null;
  /** When the page was told or answered last, in milliseconds of this clock. */
  readonly asOf: number;
  readonly loaded: boolean;
  readonly hasOlder: boolean;
  readonly onOlder: () => void;
}

export function SupportPage({
  table,
  connection,
  problem,
  asOf,
  loaded,
  hasOlder,
  onOlder,
}: SupportPageProps) {
  const [filter, setFilter] = useState<SupportFilter>('all');
  const shown = sortImports(table).filter((state) => matchesFilter(state, filter));
  return (
    <>
      <div class="support-head">
        <Heading>{supportWords.title}</Heading>
        <ConnectionBadge kind={connection.kind} />
      </div>
      {problem !== null && (
        <ProblemNote
          problem={problem}
          note={problem.retriable ? `${problemWords.asksAgain} ${supportWords.asOf(asOf)}` : null}
        />
      )}
      <Differing table={table} onShow={() => setFilter('sums_differ')} />
      <SupportStaleNote connection={connection} />
      <div class="support-bar">
        <Totals table={table} isKnown={problem === null} />
        <p class="filter">
          <label for="filter">{supportWords.show}</label>
          <select
            id="filter"
            value={filter}
            onChange={(event) => setFilter(readFilter(event.currentTarget.value))}
            data-testid="support-filter"
          >
            {supportFilters.map((name) => (
              <option key={name} value={name}>
                {supportFilterWords[name]}
              </option>
            ))}
          </select>
        </p>
      </div>
      {shown.length > 0 && <SupportTable states={shown} />}
      {shown.length === 0 && problem === null && (
        <div class="card empty" data-testid="support-empty">
          <h2>{emptyTitle(loaded, filter)}</h2>
          {loaded && <p class="soft">{supportWords.appearsHere}</p>}
        </div>
      )}
      {hasOlder && (
        <p class="support-more">
          <button type="button" class="button" onClick={onOlder}>
            {supportWords.loadOlder}
          </button>
        </p>
      )}
    </>
  );
}

function Differing({ table, onShow }: { table: ImportTable; onShow: () => void }) {
  const { differing } = supportTotals(table);
  if (differing === 0) return null;
  return (
    <div class="callout is-bad support-note" role="alert" data-testid="sums-differ">
      <p>
        <strong>{differingWords.title(differing)}</strong> {differingWords.meaning}
      </p>
      <p>
        <button type="button" class="button" onClick={onShow}>
          {differingWords.show}
        </button>
      </p>
    </div>
  );
}

function readFilter(value: string): SupportFilter {
  return supportFilters.find((name) => name === value) ?? 'all';
}

function emptyTitle(loaded: boolean, filter: SupportFilter): string {
  if (!loaded) return supportWords.loading;
  return filter === 'all' ? supportWords.none : supportWords.noneOfThisKind;
}

/** @param isKnown whether the imports can be asked for: without an answer nobody knows how fast they are */
function Totals({ table, isKnown }: { table: ImportTable; isKnown: boolean }) {
  const { running, rowsPerSecond, troubled } = supportTotals(table);
  return (
    <dl class="totals">
      <div>
        <dt>{supportWords.totals.running}</dt>
        <dd data-testid="support-running">{formatCount(running)}</dd>
      </div>
      <div>
        <dt>{supportWords.totals.rowsPerSecond}</dt>
        <dd data-testid="support-rate">{isKnown ? formatCount(rowsPerSecond) : supportWords.noValue}</dd>
      </div>
      <div>
        <dt>{supportWords.totals.troubled}</dt>
        <dd>{formatCount(troubled)}</dd>
      </div>
    </dl>
  );
}
