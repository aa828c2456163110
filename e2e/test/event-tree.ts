/** What must hold of every event on the log, and of the tree that the API draws of an import. */
import type { EventEnvelope } from '@tidings/contracts/event.ts';
import type { EventItem, EventPage } from '@tidings/contracts/imports/listed-events.ts';
import { decodeEvent, envelopeFromHeaders } from '@tidings/contracts/schemas/event.ts';
import { planTopics, topics } from '@tidings/contracts/topics.ts';
import type { EventLog, LogRecord } from '@tidings/event-log/event-log.ts';
import { PRODUCER_HEADER } from '@tidings/event-log/producer-name.ts';
import { getJson } from '@tidings/testing/connections/requests.ts';
import { readAll } from '@tidings/testing/log.ts';
import { expect } from 'vitest';

const eventTopics: readonly string[] = [
  ...[topics.expressWork, topics.bulkWork, topics.commands, topics.progress, topics.notifications],
  ...[topics.countries, topics.timeZones, topics.ownerTokens, topics.ownerChannels],
];
const isOfEvents = (name: string) => eventTopics.includes(name) || /\.(?:retry-\d+|dlq)$/.test(name);

function envelopeOf(record: LogRecord): EventEnvelope {
  return record.headers.eventId === undefined
    ? decodeEvent(record.value)
    : envelopeFromHeaders(record.headers);
}

/** Walks every topic of events. @returns how many events of the import there are */
export async function expectWholeEvents(log: EventLog, importId: string, owner: string): Promise<number> {
  const all: EventEnvelope[] = [];
  for (const { name } of planTopics(1).filter((plan) => isOfEvents(plan.name))) {
    for (const record of await readAll(log, name)) {
      if (record.value === null) continue;
      const event = envelopeOf(record);
      expect(record.headers[PRODUCER_HEADER], `${name} ${event.type}`).toMatch(/^[a-z-]+@.+:\d+$/);
      if (event.subject === importId) all.push(event);
    }
  }
  const first = all.find(({ type }) => type === 'import.accepted');
  for (const event of all) {
    expect([event.type, event.correlationId, event.owner]).toEqual([event.type, first?.eventId, owner]);
  }
  return all.length;
}

/** Every page of the address. */
export async function readEvents(address: string, token: string): Promise<EventItem[]> {
  const items = new Map<string, EventItem>();
  let cursor: string | null = null;
  do {
    const page: EventPage = await getJson<EventPage>(
      `${address}&limit=100${cursor === null ? '' : `&cursor=${cursor}`}`,
      token,
    );
    for (const item of page.items) items.set(item.eventId, item);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return [...items.values()];
}

/** Draws the import's tree, and draws it again from some of its events. @returns the tree */
export async function expectOneTree(url: string, importId: string, token: string): Promise<EventItem[]> {
  const items = await readEvents(`${url}/imports/${importId}/events?`, token);
  const known = new Set(items.map(({ eventId }) => eventId));
  const roots = items.filter(({ eventId, causationId }) => eventId === causationId);
  expect(roots.map(({ type }) => type)).toEqual(['import.accepted']);
  for (const { causationId } of items) expect(known).toContain(causationId);
  const some = [items[0], items[Math.floor(items.length / 2)], items.at(-1)];
  for (const one of some) {
    const again = await readEvents(`${url}/events?correlationId=${one?.correlationId}`, token);
    expect(new Set(again.map(({ eventId }) => eventId))).toEqual(known);
  }
  return items;
}
