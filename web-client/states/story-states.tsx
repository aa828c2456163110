/** The story of an import, in every state. */
import '../support/support.css';
import type { ImportState } from '@tidings/contracts/imports/import.ts';
import { noRows } from '@tidings/contracts/imports/import.ts';
import type { ChunkItem, ChunkStatus } from '@tidings/contracts/services/support.ts';
import { now } from '../support/clock.ts';
import { StoryPage } from '../support/one/story-page.tsx';
import { type TimelineEntry, timelineOf } from '../support/one/timeline.ts';
import { SupportNav } from '../support/support-nav.tsx';
import { bytesOf, CHUNK_ROWS, endedWith, FIXTURE_TIME, importState } from '../test/sample-states.ts';
import { nothing, type PageStates } from './samples.tsx';

const at = (milliseconds: number): string => new Date(FIXTURE_TIME + milliseconds).toISOString();

function chunk(number: number, status: ChunkStatus, more: Partial<ChunkItem> = {}): ChunkItem {
  return {
    ...{ chunk: number, status, firstLine: 2 + number * CHUNK_ROWS, rows: CHUNK_ROWS, attempts: 0 },
    ...{ error: null, nextAttemptAt: null, ...more },
  };
}

function event(type: string, after: number, more: { chunk?: number; producer?: string } = {}) {
  const eventId = type === 'import.accepted' ? 'first' : `${type} ${after}`;
  return {
    ...{ eventId, causationId: 'first', correlationId: 'first', type, at: at(after), subject: 'i' },
    ...{ producer: 'jobs-service@nordwind-1:4711', ...more },
  };
}

const error = { code: 'internal', message: 'The importer could not work the chunk off.' };
const dead = { attempts: 3, error };
const done = Array.from({ length: 14 }, (_, number) => chunk(number, 'completed'));
const failing = [
  ...done,
  chunk(14, 'retrying', { attempts: 1, error, nextAttemptAt: at(92_000) }),
  chunk(15, 'dead', dead),
];
const failingState = importState({
  owner: 'mira',
  rows: {
    ...{ ...noRows(), total: 20_000, created: 14_400, updated: 800, unchanged: 2_000, duplicate: 300 },
    failed: CHUNK_ROWS,
  },
  chunks: { total: 16, completed: 14, failed: 1 },
});
const beginning = [
  event('import.accepted', 0),
  event('upload.sealed', 400),
  ...done.map(({ chunk: number }) =>
    event('chunk.completed', 500 + number, { chunk: number, producer: 'importer@nordwind-2:88' }),
  ),
];
const dying = [event('chunk.retrying', 600, { chunk: 15 }), event('chunk.failed', 1_200, { chunk: 15 })];
const failingEvents = [...beginning, ...dying, event('chunk.retrying', 32_000, { chunk: 14 })];
const endedEvents = [
  ...beginning,
  event('chunk.completed', 620, { chunk: 14, producer: 'importer@nordwind-2:88' }),
  ...dying,
  event('import.completed_with_errors', 1_300),
];
const order = {
  ...{
    at: at(60_000),
    who: 'support',
    action: 'requeue',
    target: 'importer import-work.bulk/3/17',
    chunk: 15,
  },
  reason: 'The database was away; Mira, ticket 4711',
};
const delivery = {
  ...{ id: 'd', type: 'import.completed_with_errors', subject: 'i', status: 'delivered' as const },
  ...{ createdAt: at(1_300), attempts: 1, lastAttemptAt: at(1_500), nextAttemptAt: null },
  lastAnswer: { status: 204, body: '', error: null },
};
const orders = {
  ...{ cancel: async () => '', undo: async () => '', requeueAll: async () => '' },
  ...{ requeueChunk: async () => '', retryChunk: async () => '', skipChunk: async () => '' },
};

function story(
  state: ImportState | null,
  chunks: readonly ChunkItem[],
  entries: readonly TimelineEntry[] = [],
) {
  now.value = FIXTURE_TIME + 90_000;
  return (
    <>
      <SupportNav place="/imports/1" onLeave={nothing} />
      <StoryPage
        state={state}
        movedAt={FIXTURE_TIME + 82_000}
        connection={{ kind: 'live', since: FIXTURE_TIME }}
        problem={null}
        chunks={chunks}
        entries={entries}
        hasMoreEvents={entries.length > 0}
        onMoreEvents={async () => undefined}
        orders={orders}
      />
    </>
  );
}

const manyChunks = Array.from({ length: 3_000 }, (_, number) => {
  if (number === 1_700 || number === 2_003) return chunk(number, 'dead', dead);
  return chunk(number, number < 2_400 ? 'completed' : 'waiting');
});

export const storyStates: PageStates = {
  'story-waiting': () =>
    story(
      importState({
        owner: 'mira.okafor@nordwind.example',
        rows: { ...noRows(), total: 20_000 },
        chunks: { total: 16, completed: 0, failed: 0 },
        waitingFor: { reason: 'turn', text: 'its turn (337 chunks of others before it)', chunksBefore: 337 },
      }),
      Array.from({ length: 16 }, (_, number) => chunk(number, 'waiting')),
      timelineOf(beginning.slice(0, 2), [], []),
    ),
  'story-failing': () => story(failingState, failing, timelineOf(failingEvents, [], [])),
  'story-ended': () =>
    story(
      endedWith(
        { created: 15_550, updated: 900, unchanged: 2_000, duplicate: 300, failed: CHUNK_ROWS },
        { owner: 'mira' },
      ),
      [...done, chunk(14, 'completed'), chunk(15, 'dead', dead)],
      timelineOf(endedEvents, [order], [{ host: 'hooks.nordwind.example', delivery }]),
    ),
  'story-thousands': () =>
    story(
      importState({
        owner: 'mira',
        rows: {
          ...{ ...noRows(), total: 3_750_000, created: 2_840_000, updated: 100_000, unchanged: 47_500 },
          ...{ duplicate: 8_000, rejected: 2_000, failed: 2 * CHUNK_ROWS },
        },
        bytes: bytesOf(3_750_000),
        chunks: { total: 3_000, completed: 2_398, failed: 2 },
      }),
      manyChunks,
      timelineOf(failingEvents, [], []),
    ),
};
