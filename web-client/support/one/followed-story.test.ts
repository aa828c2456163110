import type { EventItem } from '@tidings/contracts/imports/listed-events.ts';
import { SUPPORT_CHANNEL } from '@tidings/contracts/notifications/notification.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { supportToken } from '@tidings/testing/services/hub.ts';
import { expect, it, onTestFinished } from 'vitest';
import { stubBrowser } from '../../test/browser.ts';
import { endedState, importState } from '../../test/sample-states.ts';
import { startServices } from '../../test/services.ts';
import { problem } from '../../test/stub-api.ts';
import { followStory } from './followed-story.ts';

const importId = importState().importId;
const chunk = { status: 'dead', firstLine: 2, rows: 5, attempts: 3, error: null, nextAttemptAt: null };

function eventOf(number: number): EventItem {
  return {
    ...{ eventId: `e${number}`, causationId: 'e0', correlationId: 'e0', type: 'chunk.completed' },
    ...{ at: new Date(number).toISOString(), producer: null, subject: importId },
  };
}

async function start(again = 20) {
  stubBrowser();
  const services = await startServices();
  const { api } = services;
  const page = (items: readonly object[], nextCursor: string | null = null) => ({
    status: 200,
    body: { items, nextCursor },
  });
  api.answer(`GET /imports/${importId}`, () => ({ status: 200, body: importState({ owner: 'mira' }) }));
  api.answer(`GET /imports/${importId}/chunks`, ({ query }) =>
    query.get('cursor') === null ? page([{ ...chunk, chunk: 0 }], '1') : page([{ ...chunk, chunk: 1 }]),
  );
  let log = [eventOf(0), eventOf(1)];
  api.answer(`GET /imports/${importId}/events`, ({ query }) => {
    const from = Number(query.get('cursor') ?? 0);
    // One request looks at a bounded part of the log: a page may be short, and go on.
    return from === 0 ? page(log.slice(0, 1), '1') : page(log.slice(from));
  });
  const order = { at: '2026-01-01T00:00:00.000Z', who: 'support', action: 'skip', target: 't', reason: 'r' };
  api.answer('GET /audit', () =>
    page([
      { ...order, importId },
      { ...order, importId: 'another' },
    ]),
  );
  api.answer('GET /webhooks', () =>
    page([
      { id: 'w', url: 'https://hooks.example/x?secret=1', owner: 'mira' },
      { id: 'v', url: 'https://other.example/', owner: 'noor' },
    ]),
  );
  api.answer('GET /webhooks/w/deliveries', () =>
    page([
      { id: 'd', subject: importId, status: 'delivered' },
      { id: 'c', subject: 'another', status: 'dead' },
    ]),
  );
  const story = followStory(importId, supportToken, services.address, again);
  onTestFinished(() => story.close());
  const grow = (): void => {
    log = [...log, eventOf(2)];
  };
  return { services, api, story, grow };
}

it('a story is the state, every page of chunks and events, and the orders and deliveries of this import alone', async () => {
  const { story } = await start();
  await eventually(() => expect(story.deliveries.peek().map(({ host }) => host)).toEqual(['hooks.example']));
  expect(story.state.peek()).toMatchObject({ importId, owner: 'mira' });
  expect(story.chunks.peek().map((item) => item.chunk)).toEqual([0, 1]);
  expect(story.events.peek().map(({ eventId }) => eventId)).toEqual(['e0', 'e1']);
  expect(story.hasMoreEvents.peek()).toBe(false);
  expect(story.orders.peek()).toHaveLength(1);
  expect(story.problem.peek()).toBeNull();
});

it('it is read again once the import has changed, goes on with the events after those that are known, and rests otherwise', async () => {
  const { story, services, api, grow } = await start();
  await eventually(() => expect(story.events.peek()).toHaveLength(2));
  await eventually(() => expect(story.connection.peek().kind).toBe('live'));
  grow();
  const ended = endedState({ version: 21, owner: 'mira' });
  api.answer(`GET /imports/${importId}`, () => ({ status: 200, body: ended }));
  await services.tell(SUPPORT_CHANNEL, ['import.completed_with_errors', ended]);
  // The state and the events are two requests: either may be answered first.
  await eventually(() => expect(story.events.peek()).toHaveLength(3));
  await eventually(() => expect(story.state.peek()?.version).toBe(21));
  const before = api.count(`GET /imports/${importId}`);
  story.refresh();
  await eventually(() => expect(api.count(`GET /imports/${importId}`)).toBe(before + 1));
});

it('it is read again once an import has ended that may mend it', async () => {
  const { story, services, api } = await start();
  const ended = endedState({ version: 21, owner: 'mira', leftToMend: 2 });
  let now = ended;
  api.answer(`GET /imports/${importId}`, () => ({ status: 200, body: now }));
  story.refresh();
  await eventually(() => expect(story.state.peek()?.leftToMend).toBe(2));
  await eventually(() => expect(story.connection.peek().kind).toBe('live'));
  now = { ...ended, leftToMend: 0 };
  const mender = endedState({ importId: 'mender', status: 'completed', mends: importId, owner: 'mira' });
  await services.tell(SUPPORT_CHANNEL, ['import.completed', mender]);
  await eventually(() => expect(story.state.peek()?.leftToMend).toBe(0));
});

// The answer of the read that was under way took back that there was something newer.
it('it is read again for what was told while it was read', async () => {
  const { story, services, api } = await start();
  const ended = endedState({ version: 21, owner: 'mira', leftToMend: 2 });
  await eventually(() => expect(story.connection.peek().kind).toBe('live'));
  const compared = { ...ended, version: 22 };
  let reads = 0;
  api.answer(`GET /imports/${importId}`, async () => {
    reads += 1;
    if (reads > 1) return { status: 200, body: { ...compared, leftToMend: 0 } };
    await services.tell(SUPPORT_CHANNEL, ['import.reconciled', compared]);
    await eventually(() => expect(story.state.peek()?.version).toBe(22));
    return { status: 200, body: ended };
  });
  story.refresh();
  await eventually(() => expect(story.state.peek()?.leftToMend).toBe(0));
});

it('what one part cannot tell takes nothing away from the others', async () => {
  const { story, api } = await start();
  await eventually(() => expect(story.deliveries.peek()).toHaveLength(1));
  api.answer('GET /webhooks', () => problem(503, 'unavailable'));
  api.answer(`GET /imports/${importId}/chunks`, () => ({
    status: 200,
    body: { items: [{ ...chunk, chunk: 7 }], nextCursor: null },
  }));
  story.refresh();
  await eventually(() => expect(story.problem.peek()?.code).toBe('unavailable'));
  expect(story.chunks.peek().map((item) => item.chunk)).toEqual([7]);
  expect(story.deliveries.peek()).toHaveLength(1);
});

// “Show more” stood there while the first events were read: who pressed it was led to the first of all.
it('that there is more is told together with the events before it', async () => {
  const { story, api } = await start();
  await eventually(() => expect(story.events.peek()).toHaveLength(2));
  const whileRead: boolean[] = [];
  api.answer(`GET /imports/${importId}/events`, () => {
    whileRead.push(story.hasMoreEvents.peek());
    const page = whileRead.length;
    const items = Array.from({ length: 400 }, (_, index) => eventOf(page * 400 + index));
    return { status: 200, body: { items, nextCursor: String(page) } };
  });
  story.refresh();
  await eventually(() => expect(story.hasMoreEvents.peek()).toBe(true));
  // The channel's snapshot may have had all of it read once more by now.
  expect(story.events.peek().length).toBeGreaterThanOrEqual(1_202);
  expect(whileRead.slice(0, 3)).toEqual([false, false, false]);
});

// The page moved the focus with the next event that came, because nothing told when those that were asked for had been read.
it('who asks for more events is told when they have been read, whatever is read meanwhile, or cannot be', async () => {
  const { story, api } = await start();
  const log = Array.from({ length: 3_500 }, (_, number) => eventOf(number));
  api.answer(`GET /imports/${importId}/events`, ({ query }) => {
    const [from, limit] = [Number(query.get('cursor') ?? 0), Number(query.get('limit'))];
    const end = from + limit;
    const nextCursor = end < log.length ? String(end) : null;
    return { status: 200, body: { items: log.slice(from, end), nextCursor } };
  });
  story.refresh();
  await eventually(() => expect(story.events.peek().length).toBeGreaterThanOrEqual(1_000));
  expect(story.hasMoreEvents.peek()).toBe(true);
  const before = story.events.peek().length;
  await Promise.all([story.readMoreEvents(), story.readMoreEvents()]);
  expect(story.events.peek().length).toBeGreaterThanOrEqual(before + 1_000);
  expect(story.problem.peek()).toBeNull();
  api.answer(`GET /imports/${importId}/events`, () => problem(503, 'unavailable'));
  await story.readMoreEvents();
  expect(story.problem.peek()?.code).toBe('unavailable');
});
