import { expect, test } from 'vitest';
import { createEvent, decodeEvent, encodeEvent, envelopeFromHeaders, envelopeToHeaders } from './event.ts';

const first = createEvent({
  type: 'import.accepted',
  subject: 'an import',
  data: { rows: 1 },
  owner: 'Ольга 🎈',
});

test('an event is read as it was written, with a value as with headers', () => {
  expect(decodeEvent(encodeEvent(first))).toEqual(first);
  const { data: _data, ...envelope } = first;
  expect(envelopeFromHeaders(envelopeToHeaders(envelope))).toEqual(envelope);
});

test('what follows from an event belongs to the same tree, trace and owner', () => {
  const second = createEvent({ type: 'chunk.work', subject: 'an import', data: null, cause: first });
  const third = createEvent({ type: 'chunk.completed', subject: 'an import', data: null, cause: second });
  expect(third).toMatchObject({
    causationId: second.eventId,
    correlationId: first.eventId,
    owner: first.owner,
  });
  expect(third.traceparent.split('-')[1]).toBe(first.traceparent.split('-')[1]);
  expect(createEvent({ type: 'x', subject: 'x', data: null, cause: second, owner: 'other' }).owner).toBe(
    'other',
  );
});

test('an event of nobody names no owner', () => {
  const event = createEvent({ type: 'country.defined', subject: 'DE', data: null });
  expect(event).not.toHaveProperty('owner');
  const { data: _data, ...envelope } = event;
  expect(envelopeFromHeaders(envelopeToHeaders(envelope))).toEqual(envelope);
});
