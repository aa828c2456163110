/** What has happened, as a list from the first to the last. */
import type { RefObject } from 'preact';
import { formatExact } from '../../words/format/ago.ts';
import { formatClock, formatCount } from '../../words/format/format.ts';
import { wordsOfCode } from '../../words/format/known.ts';
import { auditWords, chunkWords, eventWords, letterWords, storyWords } from '../../words/support-words.ts';
import { chunkName } from '../chunk-name.ts';
import { answerWords } from '../orders/answer-words.ts';
import { orderedWords, toldWords } from './moment-words.ts';
import type { EventsEntry, TimelineEntry } from './timeline.ts';

interface TimelineProps {
  readonly entries: readonly TimelineEntry[];
  readonly list: RefObject<HTMLOListElement | null>;
}

export function Timeline({ entries, list }: TimelineProps) {
  if (entries.length === 0) return <p class="soft">{storyWords.nothing}</p>;
  return (
    <ol ref={list} class="timeline" data-testid="timeline">
      {entries.map((entry) => (
        <li key={entry.key} class={`moment is-${entry.kind}`}>
          <time dateTime={entry.at} title={formatExact(Date.parse(entry.at))}>
            {formatClock(Date.parse(entry.at))}
          </time>
          <div class="moment-text">
            <Moment entry={entry} />
          </div>
        </li>
      ))}
    </ol>
  );
}

function Moment({ entry }: { entry: TimelineEntry }) {
  switch (entry.kind) {
    case 'events':
      return <Events entry={entry} />;
    case 'told':
      return <p>{storyWords.told(toldWords(entry.type))}</p>;
    case 'order':
      return (
        <p>
          <strong>
            {storyWords.order(
              wordsOfCode(auditWords.givers, entry.order.who),
              orderedWords(entry.order.action),
            )}
          </strong>
          {entry.order.chunk !== undefined && ` · ${chunkName(entry.order.chunk)}`}
          <span class="moment-note">{entry.order.reason}</span>
        </p>
      );
    case 'webhook':
      return (
        <p>
          {storyWords.webhook(entry.host, letterWords.deliveries[entry.delivery.status])}
          {entry.delivery.lastAnswer !== null && ` · ${answerWords(entry.delivery.lastAnswer)}`}
        </p>
      );
  }
}

function Events({ entry: { type, count, at, until, chunks, producer } }: { entry: EventsEntry }) {
  return (
    <p>
      {Object.hasOwn(eventWords, type) ? wordsOfCode(eventWords, type) : <code>{type}</code>}
      {count > 1 && ` · ${formatCount(count)}`}
      {chunks.length > 0 && ` · ${chunkNames(chunks, count)}`}
      {until !== at && ` · ${storyWords.until(formatClock(Date.parse(until)))}`}
      {producer !== null && <span class="moment-note">{producer}</span>}
    </p>
  );
}

/** `Chunk 4`, or the first few of several, which may be more than are named. */
function chunkNames(chunks: readonly number[], count: number): string {
  const names = chunks.map((chunk) => formatCount(chunk + 1)).join(', ');
  return chunkWords.name(count > chunks.length ? `${names}…` : names);
}
