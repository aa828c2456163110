/** Chunks with what is known of each, and what may be ordered about it. */
import type { ChunkItem } from '@tidings/contracts/services/support.ts';
import { useId, useRef, useState } from 'preact/hooks';
import { ActionButton } from '../../shell/components/action-button.tsx';
import { formatCount } from '../../words/format/format.ts';
import { joinSentences } from '../../words/format/sentences.ts';
import { chunkWords, orderWords, storyWords } from '../../words/support-words.ts';
import { chunkName } from '../chunk-name.ts';
import { OrderForm } from '../order-form.tsx';
import { NextAttempt } from '../time.tsx';
import { useMore } from '../use-more.ts';
import type { StoryOrders } from './story-orders.ts';

/** Chunks that are listed at first, and more for each time that somebody asks. */
const AT_ONCE = 50;

export function ChunkList({ chunks, orders }: { chunks: readonly ChunkItem[]; orders: StoryOrders }) {
  const [shown, setShown] = useState(AT_ONCE);
  const list = useRef<HTMLUListElement>(null);
  const keys = chunks.slice(0, shown).map(({ chunk }) => String(chunk));
  const more = useMore(list, { keys, count: keys.length, hasMore: chunks.length > shown });
  if (chunks.length === 0) return null;
  return (
    <>
      <ul ref={list} class="chunk-list">
        {chunks.slice(0, shown).map((chunk) => (
          <ChunkEntry key={chunk.chunk} chunk={chunk} orders={orders} />
        ))}
      </ul>
      {chunks.length > shown && (
        <ActionButton
          small
          onClick={() => {
            more();
            setShown(shown + AT_ONCE);
          }}
          testId="more-chunks"
        >
          {storyWords.more}
        </ActionButton>
      )}
    </>
  );
}

function ChunkEntry({ chunk, orders }: { chunk: ChunkItem; orders: StoryOrders }) {
  const { chunk: number, status, firstLine, rows, attempts, error, nextAttemptAt } = chunk;
  const isDead = status === 'dead';
  const name = useId();
  const mayBeOrdered = isDead || status === 'retrying';
  const { requeueChunk, retryChunk, skipChunk } = orderWords;
  const meaning = rows === null ? orderWords.rowsUnknown : orderWords.rowsOfChunk(formatCount(rows));
  return (
    <li class="chunk-entry" data-testid="chunk" data-chunk={number}>
      <p>
        <span class={`cell is-${status}`} aria-hidden="true" /> <strong id={name}>{chunkName(number)}</strong>{' '}
        {chunkWords.statuses[status]}
        {firstLine !== null && ` · ${chunkWords.line(formatCount(firstLine))}`}
        {rows !== null && ` · ${chunkWords.rows(formatCount(rows))}`}
        {attempts > 0 && ` · ${chunkWords.attempts(formatCount(attempts))}`}
        {nextAttemptAt !== null && (
          <>
            {' · '}
            <NextAttempt at={nextAttemptAt} />
          </>
        )}
      </p>
      {error !== null && (
        <p class="soft">
          <code>{error.code}</code> <span lang="en">{error.message}</span>
        </p>
      )}
      {mayBeOrdered && (
        <div class="actions">
          <OrderForm
            small
            of={name}
            label={isDead ? requeueChunk.label : retryChunk.label}
            question={isDead ? requeueChunk.question : retryChunk.question}
            act={(reason) =>
              isDead ? orders.requeueChunk(number, reason) : orders.retryChunk(number, reason)
            }
            testId="chunk-again"
          >
            {meaning}
          </OrderForm>
          <OrderForm
            small
            danger
            of={name}
            label={skipChunk.label}
            question={skipChunk.question}
            act={(reason) => orders.skipChunk(number, reason)}
            testId="chunk-skip"
          >
            {joinSentences([meaning, skipChunk.meaning])}
          </OrderForm>
        </div>
      )}
    </li>
  );
}
