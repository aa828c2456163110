import type { Cause, Event, ForgottenEvent } from '@tidings/contracts/event.ts';
import type { EventItem, EventPage } from '@tidings/contracts/imports/listed-events.ts';
import { createEvent, encodeEvent } from '@tidings/contracts/schemas/event.ts';
import { eventPageSchema } from '@tidings/contracts/schemas/imports/listed-events.ts';
import { topics } from '@tidings/contracts/topics.ts';
import { signedBy } from '@tidings/event-log/producer-name.ts';
import { openTestLog } from '@tidings/testing/log.ts';
import { v4 as uuidv4, v7 as uuidv7 } from 'uuid';
import { expect, test } from 'vitest';
import { SUPPORT_TOKEN, startApiServer } from '../../../test/api-server.ts';
import { foldedImport, keep } from '../../../test/folded-import.ts';

const SECRET = 'a cell that nobody must see';

/** An import of an owner as the log tells it, beside one of somebody else; its chunk was purged. */
async function startServer() {
  const log = await openTestLog();
  const owner = `mira-${uuidv7()}`;
  const folded = foldedImport(owner);
  const { importId, channelId } = folded.state;
  const append = async (service: string, topic: string, key: string, event: Event) =>
    void (await signedBy(service, log).append([{ topic, key, value: encodeEvent(event) }]));
  const make = (type: string, data: object, cause?: Cause, causedBy?: ForgottenEvent) =>
    createEvent({ type, subject: importId, data: { secret: SECRET, ...data }, owner, cause, causedBy });
  const accepted = make('import.accepted', {});
  const work = make('chunk.work', {}, accepted);
  const told = {
    causationId: work.causationId,
    type: work.type,
    occurredAt: work.occurredAt,
    producer: 'jobs-service@h:1',
  };
  const retrying = make('chunk.retrying', { chunk: 3 }, work, told);
  const completed = make('chunk.completed', { chunk: 3 }, work, told);
  const notified = make('import.completed', {}, completed);
  await append('jobs-service', topics.commands, importId, accepted);
  await append('importer', topics.commands, importId, retrying);
  await append('importer', topics.commands, importId, completed);
  for (const channel of [channelId, 'support'])
    await append('aggregator', topics.notifications, channel, notified);
  await append(
    'hub',
    topics.notifications,
    channelId,
    createEvent({ type: 'other.job', subject: 'other', data: 1, owner }),
  );
  await append(
    'jobs-service',
    topics.commands,
    uuidv7(),
    createEvent({ type: 'import.accepted', subject: uuidv7(), data: 1, owner: 'noor' }),
  );
  await log.append([
    { topic: topics.notifications, key: channelId, value: Buffer.from(`{"subject":"${importId}"}`) },
  ]);
  await keep(log, folded);
  const server = await startApiServer({ log });
  const list = async (path: string, token: string) => {
    const response = await server.send(path, token);
    return { status: response.status, page: (await response.json()) as EventPage };
  };
  const mine = await server.issueToken(owner);
  const expected = [accepted, work, retrying, completed, notified];
  return { list, mine, foreign: await server.issueToken('noor'), importId, expected, accepted };
}

const idsOf = (items: readonly EventItem[]) => items.map(({ eventId }) => eventId);

test('an import’s events come in the order of time, with the chunk that is purged, and without values', async () => {
  const { list, mine, importId, expected } = await startServer();
  const { page } = await list(`/imports/${importId}/events`, mine);
  expect(eventPageSchema.parse(page)).toEqual(page);
  expect(page.nextCursor).toBeNull();
  expect(page.keptSeconds).toEqual({
    ...{ 'import-commands': 604_800, notifications: 86_400 },
    ...{ 'unsettled-chunks': 604_800, 'webhook-deliveries': 604_800, control: 31_536_000 },
  });
  expect(idsOf(page.items)).toEqual(expected.map(({ eventId }) => eventId));
  expect(page.items.map(({ type, producer, chunk }) => [type, producer, chunk])).toEqual([
    ['import.accepted', 'jobs-service', undefined],
    ['chunk.work', 'jobs-service', 3],
    ['chunk.retrying', 'importer', 3],
    ['chunk.completed', 'importer', 3],
    ['import.completed', 'aggregator', undefined],
  ]);
  expect(JSON.stringify(page)).not.toContain(SECRET);
});

test('the tree of an import is the same from each of its events, and has no loose end', async () => {
  const { list, mine, importId } = await startServer();
  const { page } = await list(`/imports/${importId}/events`, mine);
  const known = new Set(idsOf(page.items));
  for (const { correlationId, causationId } of page.items) {
    expect(known).toContain(causationId);
    const tree = await list(`/events?correlationId=${correlationId}`, mine);
    expect(tree.page.items).toEqual(page.items);
    expect(tree.page.keptSeconds).toMatchObject(page.keptSeconds);
  }
});

test('pages follow each other by their cursors, each event once, but for work that was tried again', async () => {
  const { list, mine, importId, expected } = await startServer();
  const found: string[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
    const { page } = await list(`/imports/${importId}/events?limit=1${query}`, mine);
    found.push(...idsOf(page.items));
    cursor = page.nextCursor;
  }
  expect(new Set(found)).toEqual(new Set(expected.map(({ eventId }) => eventId)));
  expect(found.length).toBe(expected.length + 1);
});

test('support sees the process; somebody else sees nothing', async () => {
  const { list, foreign, importId, accepted } = await startServer();
  const support = await list(`/events?correlationId=${accepted.correlationId}`, SUPPORT_TOKEN);
  expect(support.page.items[0]?.producer).toMatch(/^jobs-service@.+:\d+$/);
  expect((await list(`/imports/${importId}/events`, foreign)).status).toBe(404);
  expect((await list(`/events?correlationId=${accepted.correlationId}`, foreign)).page.items).toEqual([]);
});

test('a tree that nobody knows is empty; a cursor or an id that is not ours is refused', async () => {
  const { list, mine, importId } = await startServer();
  expect((await list(`/events?correlationId=${uuidv4()}`, mine)).page.items).toEqual([]);
  const cursors = [
    'x',
    Buffer.from('[1]').toString('base64url'),
    Buffer.from('[1,-2,3,4,5]').toString('base64url'),
  ];
  for (const cursor of cursors) {
    const { status, page } = await list(`/imports/${importId}/events?cursor=${cursor}`, mine);
    expect([status, page]).toMatchObject([400, { code: 'invalid_request', field: 'cursor' }]);
  }
  expect((await list('/events', mine)).status).toBe(400);
});
