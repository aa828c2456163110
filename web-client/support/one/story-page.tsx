/** One import's story: how it stands, what can be ordered, its chunks, and what has happened. Draws what it is given. */
import { hasEnded, type ImportState, rowsReported } from '@tidings/contracts/imports/import.ts';
import type { ChunkItem } from '@tidings/contracts/services/support.ts';
import { useMemo, useRef } from 'preact/hooks';
import { BucketBar, BucketLegend } from '../../following/shown/bucket-bar.tsx';
import { ConnectionBadge } from '../../following/shown/connection-badge.tsx';
import { badgeOfState, StatusBadgeView } from '../../following/shown/status-badge.tsx';
import type { ConnectionView } from '../../following/view/connection.ts';
import { ActionButton } from '../../shell/components/action-button.tsx';
import { ProblemNote } from '../../shell/components/problem-note.tsx';
import { Heading } from '../../shell/frame/heading.tsx';
import type { PageProblem } from '../../shell/services/page-problem.ts';
import { formatExact } from '../../words/format/ago.ts';
import { formatBytes, formatDuration } from '../../words/format/format.ts';
import { listWords, storyWords } from '../../words/support-words.ts';
import { explainUploadError, problemWords, waitingWords } from '../../words/words.ts';
import { now } from '../clock.ts';
import { isStuck } from '../list/import-table.ts';
import { listAddress } from '../list/list-query.ts';
import { SupportStaleNote } from '../list/stale-note.tsx';
import { Lasting } from '../time.tsx';
import { useMore } from '../use-more.ts';
import { Chunks } from './chunks.tsx';
import { StoryActions } from './story-actions.tsx';
import type { StoryOrders } from './story-orders.ts';
import { countEvents, eventKeys, type TimelineEntry } from './timeline.ts';
import { Timeline } from './timeline-list.tsx';
import './story.css';

export interface StoryPageProps {
  readonly state: ImportState | null;
  readonly movedAt: number;
  readonly connection: ConnectionView;
  readonly problem: PageProblem | null;
  readonly chunks: readonly ChunkItem[];
  readonly entries: readonly TimelineEntry[];
  readonly hasMoreEvents: boolean;
  /** Settles once they have been read, or cannot be. */
  readonly onMoreEvents: () => Promise<void>;
  readonly orders: StoryOrders;
}

export function StoryPage(props: StoryPageProps) {
  const { state, connection, problem, chunks, orders } = props;
  return (
    <>
      <div class="support-head">
        <Heading>{state === null ? storyWords.title : state.fileName}</Heading>
        <ConnectionBadge kind={connection.kind} />
      </div>
      {problem !== null && (
        <ProblemNote problem={problem} note={problem.retriable ? problemWords.asksAgain : null} />
      )}
      <SupportStaleNote connection={connection} />
      {state === null
        ? problem === null && <p class="soft">{listWords.loading}</p>
        : [
            <Standing key="standing" state={state} movedAt={props.movedAt} />,
            <StoryActions key="actions" state={state} chunks={chunks} orders={orders} />,
            <Chunks key="chunks" chunks={chunks} total={state.chunks.total} orders={orders} />,
            <Story key="story" {...props} />,
          ]}
    </>
  );
}

function Story({ entries, hasMoreEvents, onMoreEvents }: StoryPageProps) {
  const list = useRef<HTMLOListElement>(null);
  const keys = useMemo(() => eventKeys(entries), [entries]);
  const more = useMore(list, { keys, count: countEvents(entries), hasMore: hasMoreEvents });
  return (
    <section class="card story-part" aria-labelledby="story-title">
      <h2 id="story-title">{storyWords.story}</h2>
      <Timeline entries={entries} list={list} />
      {hasMoreEvents && (
        <ActionButton small onClick={() => more(onMoreEvents())} testId="more-events">
          {storyWords.more}
        </ActionButton>
      )}
    </section>
  );
}

function Standing({ state, movedAt }: { state: ImportState; movedAt: number }) {
  const { importId, owner, rows, acceptedAt, endedAt } = state;
  const facts = storyWords.facts;
  return (
    <section class="card story-part" aria-label={storyWords.standing}>
      <p class="story-status">
        <StatusBadgeView badge={badgeOfState(state)} testId="story-status" />
        <WaitsFor state={state} movedAt={movedAt} />
      </p>
      <p class="story-rows" data-testid="story-rows">
        {listWords.rows(rowsReported(state), rows.total)}
      </p>
      <BucketBar rows={rows} />
      <BucketLegend rows={rows} />
      <dl class="story-facts">
        <div>
          <dt>{facts.owner}</dt>
          <dd>{owner === undefined ? listWords.noValue : <a href={listAddress({ owner })}>{owner}</a>}</dd>
        </div>
        <div>
          <dt>{facts.id}</dt>
          <dd class="story-id">{importId}</dd>
        </div>
        <div>
          <dt>{facts.started}</dt>
          <dd>{formatExact(Date.parse(acceptedAt))}</dd>
        </div>
        <div>
          <dt>{endedAt === null ? facts.lasts : facts.took}</dt>
          <dd>
            {endedAt === null ? (
              <Lasting since={Date.parse(acceptedAt)} />
            ) : (
              formatDuration(Date.parse(endedAt) - Date.parse(acceptedAt))
            )}
          </dd>
        </div>
        <div>
          <dt>{facts.bytes}</dt>
          <dd>{formatBytes(state.bytes)}</dd>
        </div>
      </dl>
    </section>
  );
}

/** What it waits for, and how long; that it is stuck; or why its upload broke off. */
function WaitsFor({ state, movedAt }: { state: ImportState; movedAt: number }) {
  const { waitingFor, undo, upload } = state;
  if (waitingFor !== null && !hasEnded(state))
    return (
      <span data-testid="story-waits">
        {waitingWords(waitingFor)} · <Lasting since={movedAt} />
      </span>
    );
  if (isStuck({ state, movedAt }, now.value))
    return (
      <span class="is-stuck" data-testid="story-waits">
        {listWords.stuck} · <Lasting since={movedAt} />
      </span>
    );
  if (undo !== null) return <span>{listWords.undo(undo)}</span>;
  return upload === 'aborted' ? <span>{explainUploadError(state.uploadError)}</span> : null;
}
