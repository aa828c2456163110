/** An import's chunks: a small cell for each, their sum in words, and those that need somebody as a list. */
import type { ChunkItem, ChunkStatus } from '@tidings/contracts/services/support.ts';
import { chunkStatuses } from '@tidings/contracts/services/support.ts';
import { useState } from 'preact/hooks';
import { formatCount } from '../../words/format/format.ts';
import { chunkWords } from '../../words/support-words.ts';
import { ChunkCells } from './chunk-cells.tsx';
import { ChunkList } from './chunk-list.tsx';
import type { StoryOrders } from './story-orders.ts';

interface ChunksProps {
  readonly chunks: readonly ChunkItem[];
  /** null while the file arrives. */
  readonly total: number | null;
  readonly orders: StoryOrders;
}

/** Somebody may have to do something about these. */
const inNeed: ReadonlySet<ChunkStatus> = new Set(['retrying', 'dead', 'skipped', 'lost']);

export function Chunks({ chunks, total, orders }: ChunksProps) {
  const [showsAll, setShowsAll] = useState(false);
  const counts = chunkStatuses
    .map((status) => ({ status, count: chunks.filter((chunk) => chunk.status === status).length }))
    .filter(({ count }) => count > 0);
  const needy = chunks.filter(({ status }) => inNeed.has(status));
  const choices = [
    [false, chunkWords.needy(formatCount(needy.length))],
    [true, chunkWords.all(formatCount(chunks.length))],
  ] as const;
  return (
    <section class="card story-part" aria-labelledby="chunks-title">
      <h2 id="chunks-title">{chunkWords.title}</h2>
      {chunks.length === 0 && <p class="soft">{chunkWords.none}</p>}
      <ChunkCells statuses={chunks.map(({ status }) => status)} />
      <ul class="chunk-sums" data-testid="chunk-sums">
        {counts.map(({ status, count }) => (
          <li key={status}>
            <span class={`cell is-${status}`} aria-hidden="true" />
            {formatCount(count)} {chunkWords.statuses[status]}
          </li>
        ))}
      </ul>
      {total !== null && total > chunks.length && chunks.length > 0 && (
        <p class="soft">{chunkWords.first(formatCount(chunks.length), formatCount(total))}</p>
      )}
      {chunks.length > 0 && (
        <fieldset class="chunk-choice">
          <legend class="unseen">{chunkWords.which}</legend>
          {choices.map(([all, text]) => (
            <label key={String(all)}>
              <input
                type="radio"
                name="chunks"
                checked={showsAll === all}
                onChange={() => setShowsAll(all)}
                data-testid={all ? 'chunks-all' : 'chunks-needy'}
              />
              {text}
            </label>
          ))}
        </fieldset>
      )}
      <ChunkList key={String(showsAll)} chunks={showsAll ? chunks : needy} orders={orders} />
    </section>
  );
}
