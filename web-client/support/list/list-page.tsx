/** Every import, live, running ones first. Draws what it is given. */

import { ConnectionBadge } from '../../following/shown/connection-badge.tsx';
import type { ConnectionView } from '../../following/view/connection.ts';
import { ActionButton } from '../../shell/components/action-button.tsx';
import { ProblemNote } from '../../shell/components/problem-note.tsx';
import { Heading } from '../../shell/frame/heading.tsx';
import type { PageProblem } from '../../shell/services/page-problem.ts';
import { formatCount } from '../../words/format/format.ts';
import { sentenceGap } from '../../words/format/sentences.ts';
import { differingWords, filterWords, listWords } from '../../words/support-words.ts';
import { problemWords } from '../../words/words.ts';
import { now } from '../clock.ts';
import type { KnownServices } from '../health/use-services.ts';
import { useTyped } from '../use-typed.ts';
import { ImportList } from './import-list.tsx';
import { type ImportTable, matchesQuery, sortImports, supportTotals } from './import-table.ts';
import { ListFigures } from './list-figures.tsx';
import { type ListFilter, type ListQuery, listFilters } from './list-query.ts';
import { SupportStaleNote } from './stale-note.tsx';

export interface ListPageProps {
  readonly table: ImportTable;
  readonly services: KnownServices | null;
  readonly connection: ConnectionView;
  readonly problem: PageProblem | null;
  /** When the page was told or answered last, in milliseconds of this clock. */
  readonly asOf: number;
  readonly loaded: boolean;
  readonly hasOlder: boolean;
  readonly query: ListQuery;
  /** `typedIn`: the field that was typed in; undefined where something was chosen. */
  readonly onQuery: (query: ListQuery, typedIn?: keyof ListQuery) => void;
  readonly onOlder: () => void;
}

export function ListPage(props: ListPageProps) {
  const { table, connection, problem, loaded, hasOlder, query, onQuery } = props;
  // What is stuck becomes so with the time, and a table that changes is looked at anyway.
  const at = now.peek();
  const matching = sortImports(table).filter((one) => matchesQuery(one, query, at));
  const totals = supportTotals(table, at);
  const onFilter = (filter: ListFilter): void => onQuery({ ...query, filter });
  return (
    <>
      <div class="support-head">
        <Heading>{listWords.title}</Heading>
        <ConnectionBadge kind={connection.kind} />
      </div>
      {problem !== null && (
        <ProblemNote
          problem={problem}
          note={problem.retriable ? `${problemWords.asksAgain} ${listWords.asOf(props.asOf)}` : null}
        />
      )}
      <Differing differing={totals.differing} onShow={() => onFilter('sums_differ')} />
      <SupportStaleNote connection={connection} />
      <ListFigures
        totals={totals}
        services={props.services}
        isKnown={problem === null}
        filter={query.filter}
        onFilter={onFilter}
      />
      <Search query={query} onQuery={onQuery} />
      {matching.length > 0 && <ImportList matching={matching} table={table} query={query} />}
      {matching.length === 0 && problem === null && (
        <div class="card empty" data-testid="support-empty">
          <h2>{emptyTitle(loaded, query)}</h2>
          {loaded && <p class="soft">{listWords.appearsHere}</p>}
        </div>
      )}
      {hasOlder && (
        <p class="support-more">
          <ActionButton onClick={props.onOlder}>{listWords.loadOlder}</ActionButton>
        </p>
      )}
    </>
  );
}

function Search({ query, onQuery }: Pick<ListPageProps, 'query' | 'onQuery'>) {
  const [q, setQ] = useTyped(query.q, (text) => onQuery({ ...query, q: text }, 'q'));
  const [owner, setOwner] = useTyped(query.owner, (text) => onQuery({ ...query, owner: text }, 'owner'));
  return (
    <search class="support-search">
      <label>
        {listWords.search}
        <input type="search" value={q} maxLength={200} onInput={setQ} data-testid="support-search" />
      </label>
      <label>
        {listWords.owner}
        <input type="search" value={owner} maxLength={200} onInput={setOwner} data-testid="support-owner" />
      </label>
      <label>
        {listWords.status}
        <select
          value={query.filter}
          onChange={({ currentTarget: { value } }) =>
            onQuery({ ...query, filter: listFilters.find((name) => name === value) ?? 'all' })
          }
          data-testid="support-filter"
        >
          {listFilters.map((name) => (
            <option key={name} value={name}>
              {filterWords[name]}
            </option>
          ))}
        </select>
      </label>
    </search>
  );
}

function Differing({ differing, onShow }: { differing: number; onShow: () => void }) {
  if (differing === 0) return null;
  return (
    <div class="callout is-bad support-note" role="alert" data-testid="sums-differ">
      <p>
        <strong>
          {differing === 1 ? differingWords.one : differingWords.several(formatCount(differing))}
        </strong>
        {sentenceGap()}
        {differingWords.meaning}
      </p>
      <p>
        <ActionButton onClick={onShow}>{differingWords.show}</ActionButton>
      </p>
    </div>
  );
}

function emptyTitle(loaded: boolean, { filter, q, owner }: ListQuery): string {
  if (!loaded) return listWords.loading;
  return filter === 'all' && q === '' && owner === '' ? listWords.none : listWords.noneFound;
}
