/** The story of one import with the real services behind it. */
import { useEffect, useMemo } from 'preact/hooks';
import { formatCount } from '../../words/format/format.ts';
import { orderWords, storyWords } from '../../words/support-words.ts';
import { titled } from '../../words/words.ts';
import { useClock } from '../clock.ts';
import { type FollowedStory, followStory } from './followed-story.ts';
import type { StoryOrders } from './story-orders.ts';
import { StoryPage } from './story-page.tsx';
import { timelineOf } from './timeline.ts';

export function LiveStory({ importId, token }: { importId: string; token: string }) {
  useClock();
  const story = useMemo(() => followStory(importId, token), [importId, token]);
  useEffect(() => () => story.close(), [story]);
  const orders = useMemo(() => ordersOf(story, importId), [story, importId]);
  const [events, audit, deliveries] = [story.events.value, story.orders.value, story.deliveries.value];
  const entries = useMemo(() => timelineOf(events, audit, deliveries), [events, audit, deliveries]);
  const state = story.state.value;
  const title = state?.fileName ?? storyWords.title;
  useEffect(() => {
    document.title = titled(title);
  }, [title]);
  return (
    <StoryPage
      state={state}
      movedAt={story.movedAt.value}
      connection={story.connection.value}
      problem={story.problem.value}
      chunks={story.chunks.value}
      entries={entries}
      hasMoreEvents={story.hasMoreEvents.value}
      onMoreEvents={story.readMoreEvents}
      orders={orders}
    />
  );
}

function ordersOf({ api, refresh }: FollowedStory, importId: string): StoryOrders {
  const ordered = async (asked: Promise<unknown>): Promise<string> => {
    await asked;
    refresh();
    return orderWords.ordered;
  };
  return {
    cancel: (reason) => ordered(api.cancelImport(importId, reason)),
    undo: (reason) => ordered(api.undoImport(importId, reason)),
    requeueAll: async (reason) => {
      const { requeued } = await api.requeueChunks(importId, reason);
      refresh();
      return orderWords.requeued(formatCount(requeued));
    },
    requeueChunk: (chunk, reason) => ordered(api.requeueChunk(importId, chunk, reason)),
    retryChunk: (chunk, reason) => ordered(api.retryChunk(importId, chunk, reason)),
    skipChunk: (chunk, reason) => ordered(api.skipChunk(importId, chunk, reason)),
  };
}
