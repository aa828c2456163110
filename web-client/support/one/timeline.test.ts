import type { EventItem } from '@tidings/contracts/imports/listed-events.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countEvents, eventKeys, timelineOf } from './timeline.ts';

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();

function event(type: string, second: number, more: Partial<EventItem> = {}): EventItem {
  const eventId = `${type}-${second}`;
  return {
    ...{ eventId, causationId: 'first', correlationId: 'first', type, at: at(second) },
    ...{ producer: 'importer@h:1', subject: 'i', ...more },
  };
}

const order = { at: at(4), who: 'support', action: 'requeue', target: 'g t/1/2', reason: 'mended' };

describe('the story of an import', () => {
  it('stands in the order of time, with what people ordered, and tells many of a kind together', () => {
    const entries = timelineOf(
      [
        event('import.accepted', 0, { eventId: 'first' }),
        event('import.accepted', 1),
        event('chunk.work', 1, { chunk: 0 }),
        event('chunk.completed', 3, { chunk: 1 }),
        event('chunk.completed', 2, { chunk: 0 }),
        event('chunk.completed', 5, { chunk: 2 }),
        event('something.new', 6),
      ],
      [order],
      [],
    );
    expect(entries.map(({ kind, at: when }) => [kind, when])).toEqual([
      ['events', at(0)],
      ['told', at(1)],
      ['events', at(2)],
      ['order', at(4)],
      ['events', at(5)],
      ['events', at(6)],
    ]);
    expect(entries[2]).toMatchObject({ type: 'chunk.completed', count: 2, until: at(3), chunks: [0, 1] });
    expect(entries[5]).toMatchObject({ type: 'something.new', count: 1 });
    expect(eventKeys(entries).map((key) => key !== null)).toEqual([true, true, true, false, true, true]);
    expect(countEvents(entries)).toBe(6);
  });

  it('counts every event that it tells, and each once', () => {
    const types = fc.constantFrom(
      'chunk.completed',
      'chunk.retrying',
      'upload.sealed',
      'undo.page_completed',
    );
    const events = fc.array(fc.record({ type: types, second: fc.nat(50) }), { maxLength: 60 });
    fc.assert(
      fc.property(events, (given) => {
        const entries = timelineOf(
          given.map(({ type, second }, index) => event(type, second, { eventId: `${index}` })),
          [order],
          [],
        );
        expect(countEvents(entries)).toBe(given.length);
        expect(entries.map(({ at: when }) => when)).toEqual(entries.map(({ at: when }) => when).toSorted());
      }),
    );
  });
});
