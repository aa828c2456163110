/** What has happened, as a list from the first to the last. */
import { formatExact } from '../../words/format/ago.ts';
import { formatClock, formatCount } from '../../words/format/format.ts';
import { chunkWords, eventWords, letterWords, storyWords } from '../../words/support-words.ts';
import { statusWords } from '../../words/words.ts';
import type { EventsEntry, TimelineEntry } from './timeline.ts';

export function Timeline({ entries }: { entries: readonly TimelineEntry[] }) {
  if (entries.length === 0) return <p class="soft">{storyWords.nothing}</p>;
  return (
    <ol class="timeline" data-testid="timeline">
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
          <strong>{storyWords.order(entry.order.who, actionWords(entry.order.action))}</strong>
          {entry.order.chunk !== undefined && ` · ${chunkWords.name(formatCount(entry.order.chunk))}`}
          <span class="moment-note">{entry.order.reason}</span>
        </p>
      );
    case 'webhook':
      return (
        <p>
          {storyWords.webhook(entry.host, letterWords.deliveries[entry.delivery.status])}
          {entry.delivery.lastAnswer?.status != null && ` · ${entry.delivery.lastAnswer.status}`}
        </p>
      );
  }
}

function Events({ entry: { type, count, at, until, chunks, producer } }: { entry: EventsEntry }) {
  const known = type in eventWords;
  return (
    <p>
      {known ? eventWords[type as keyof typeof eventWords] : <code>{type}</code>}
      {count > 1 && ` · ${formatCount(count)}`}
      {chunks.length > 0 && ` · ${chunkNames(chunks, count)}`}
      {until !== at && ` · ${storyWords.until(formatClock(Date.parse(until)))}`}
      {producer !== null && <span class="moment-note">{producer}</span>}
    </p>
  );
}

/** `Chunk 4`, or the first few of several, which may be more than are named. */
function chunkNames(chunks: readonly number[], count: number): string {
  const names = chunks.map(formatCount).join(', ');
  return chunkWords.name(count > chunks.length ? `${names}…` : names);
}

/** What the owner was told: a status, or something of its own. */
function toldWords(type: string): string {
  const name = type.slice('import.'.length);
  if (name in storyWords.toldOf) return storyWords.toldOf[name as keyof typeof storyWords.toldOf];
  return name in statusWords ? statusWords[name as keyof typeof statusWords] : name;
}

/** An action of a later release is shown as its code. */
function actionWords(action: string): string {
  const { actions } = storyWords;
  return action in actions ? actions[action as keyof typeof actions] : action;
}
