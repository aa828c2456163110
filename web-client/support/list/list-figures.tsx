/** What is going on, in numbers; each of them shows what it counts. */
import type { ComponentChildren } from 'preact';
import { formatCount } from '../../words/format/format.ts';
import { listWords } from '../../words/support-words.ts';
import { countTroubles } from '../health/troubles.ts';
import type { KnownServices } from '../health/use-services.ts';
import { Lasting } from '../time.tsx';
import type { SupportTotals } from './import-table.ts';
import type { ListFilter } from './list-query.ts';

interface ListFiguresProps {
  readonly totals: SupportTotals;
  /** null where nobody knows how services fare. */
  readonly services: KnownServices | null;
  /** Whether the imports can be asked for: without an answer nobody knows how fast they are. */
  readonly isKnown: boolean;
  readonly filter: ListFilter;
  readonly onFilter: (filter: ListFilter) => void;
}

export function ListFigures({ totals, services, isKnown, filter, onFilter }: ListFiguresProps) {
  const { running, waiting, waitingSince, troubled, rowsPerSecond } = totals;
  const figure = (name: ListFilter, count: number, word: string, note: ComponentChildren = null) => (
    <button
      type="button"
      class="figure"
      aria-pressed={filter === name}
      onClick={() => onFilter(filter === name ? 'all' : name)}
    >
      <span class="figure-count" data-testid={`support-${name}`}>
        {formatCount(count)}
      </span>
      <span class="figure-word">
        {word}
        {note}
      </span>
    </button>
  );
  return (
    <div class="figures">
      {figure('running', running, listWords.running)}
      {figure(
        'waiting',
        waiting,
        listWords.waiting,
        waitingSince !== null && (
          <>
            {' · '}
            {listWords.oldest} <Lasting since={waitingSince} />
          </>
        ),
      )}
      {figure('look', troubled, listWords.look)}
      <p class="figure is-still">
        <span class="figure-count" data-testid="support-rate">
          {isKnown ? formatCount(rowsPerSecond) : listWords.noValue}
        </span>
        <span class="figure-word">{listWords.rowsPerSecond}</span>
      </p>
      <ServiceFigures services={services} />
    </div>
  );
}

/** Lead to the page that tells more. */
function ServiceFigures({ services }: { services: KnownServices | null }) {
  const oldest = services?.view.oldestChunkAt ?? null;
  const troubles = services === null ? null : countTroubles(services.view);
  return (
    <>
      <a class="figure" href="/support/services">
        <span class="figure-count" data-testid="support-oldest-chunk">
          {services === null || oldest === null ? (
            listWords.noValue
          ) : (
            <Lasting since={Date.parse(oldest) + services.shift} />
          )}
        </span>
        <span class="figure-word">{listWords.oldestChunk}</span>
      </a>
      <a class={troubles ? 'figure is-warned' : 'figure'} href="/support/services">
        <span class="figure-count" data-testid="support-troubles">
          {troubles === null ? listWords.noValue : formatCount(troubles)}
        </span>
        <span class="figure-word">{listWords.troubles}</span>
      </a>
    </>
  );
}
