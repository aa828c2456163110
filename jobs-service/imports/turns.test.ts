import type { FirstWork, FoldedImport } from '@tidings/contracts/imports/folded-import.ts';
import { chunkWorkKey, undoPageKey } from '@tidings/contracts/imports/work.ts';
import { partitionOf } from '@tidings/event-log/engine/partitioner.ts';
import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import { expect, test } from 'vitest';
import { ended, foldedImport } from '../test/folded-import.ts';
import { TurnCounts } from './turns.ts';

const PARTITIONS = 2;
const ASKED_AT = Date.parse('2026-11-28T12:00:00.000Z');
const BEFORE = '2026-11-28T11:00:00.000Z';
const AFTER = '2026-11-28T13:00:00.000Z';
/** Room for anything: then what others have unreported counts alone. */
const FAR = 1_000;

function bitmap(...chunks: readonly number[]): string {
  const bytes = Buffer.alloc(1 + (Math.max(0, ...chunks) >> 3));
  for (const chunk of chunks) bytes[chunk >> 3] = (bytes[chunk >> 3] ?? 0) | (1 << (chunk & 7));
  return bytes.toString('base64');
}

function below(chunks: number): number[] {
  return [...Array(chunks).keys()];
}

/** @param firstWork by default of both priorities, in partition 0, at its beginning */
function live(
  { reported = [], chunks = 40 }: { reported?: readonly number[]; chunks?: number | null } = {},
  firstWork: Partial<FirstWork> = {},
): FoldedImport {
  const first = { partition: 0, offset: 0 };
  return {
    ...foldedImport('noor', { upload: chunks === null ? 'receiving' : 'sealed', acceptedAt: BEFORE }),
    firstWork: { express: first, bulk: first, ...firstWork },
    expectedChunks: chunks === null ? null : bitmap(...below(chunks)),
    reportedChunks: bitmap(...reported),
  };
}

const waiting = (firstWork: Partial<FirstWork>): FoldedImport => ({
  ...foldedImport('mira'),
  firstWork: { express: null, bulk: null, ...firstWork },
});

/** An import of which one page of an undo is on the log. */
function undoing(): FoldedImport {
  const undo = { reversed: 0, kept: 0, failed: 0, endedAt: null };
  const folded = live({ reported: below(40) });
  return {
    ...folded,
    cause: { ...folded.cause, eventId: uuidv7({ msecs: ASKED_AT }) },
    state: { ...folded.state, ...ended, status: 'undoing', undo },
    undo: { undoId: uuidv7(), run: 1, page: 3, after: null, retry: null, running: true, dead: false },
  };
}

interface Placed {
  readonly importId: string;
  readonly chunk: number;
}

/** Imports whose chunks are appended by turns, of which importers have worked off what stands before some places. */
function layOut(
  imports: readonly { readonly chunks: number; readonly isComing: boolean }[],
  order: readonly number[],
  done: Readonly<Record<'express' | 'bulk', readonly number[]>>,
) {
  const topics = { express: [[], []] as Placed[][], bulk: [[], []] as Placed[][] };
  const first = new Map<string, FirstWork>();
  const left = imports.map(({ chunks, isComing }) => ({ importId: uuidv7(), next: 0, chunks, isComing }));
  for (const number of order) {
    const one = left[number % left.length];
    if (one === undefined || one.next === one.chunks) continue;
    const { importId, next: chunk } = one;
    const priority = chunk < 8 ? 'express' : 'bulk';
    const partition = partitionOf(chunkWorkKey(importId, chunk), PARTITIONS);
    const records = topics[priority][partition] ?? [];
    const known = first.get(importId) ?? { express: null, bulk: null };
    first.set(importId, { ...known, [priority]: known[priority] ?? { partition, offset: records.length } });
    records.push({ importId, chunk });
    one.next += 1;
  }
  const positionsOf = (priority: 'express' | 'bulk') =>
    topics[priority].map(({ length }, partition) => (done[priority][partition] ?? 0) % (length + 1));
  const positions = { express: positionsOf('express'), bulk: positionsOf('bulk') };
  const reported = (priority: 'express' | 'bulk') =>
    topics[priority].flatMap((records, partition) => records.slice(0, positions[priority][partition]));
  const all = [...reported('express'), ...reported('bulk')];
  const folded = left.map(({ importId, next, chunks, isComing }): FoldedImport => {
    const isSealed = !isComing && next === chunks;
    return {
      ...foldedImport('noor', { importId, upload: isSealed ? 'sealed' : 'receiving', acceptedAt: BEFORE }),
      firstWork: first.get(importId) ?? { express: null, bulk: null },
      expectedChunks: isSealed ? bitmap(...below(chunks)) : null,
      reportedChunks: bitmap(...all.filter((one) => one.importId === importId).map(({ chunk }) => chunk)),
    };
  });
  const expressEnds = topics.express.map(({ length }) => length);
  return {
    live: folded,
    turns: new TurnCounts({ positions, expressEnds }, () => folded),
    /** Of the work before the import's first chunk that is not worked off. */
    before({ state, firstWork }: FoldedImport) {
      for (const priority of ['express', 'bulk'] as const) {
        const place = firstWork[priority];
        const from = positions[priority][place?.partition ?? 0] ?? 0;
        if (place === null || place.offset <= from) continue;
        const records = topics[priority][place.partition]?.slice(from, place.offset) ?? [];
        const others = records.filter(({ importId }) => importId !== state.importId);
        return { true: others.length, between: place.offset - from };
      }
      return { true: 0, between: 0 };
    },
  };
}

function turnsAmong(
  others: readonly FoldedImport[],
  { express = [0, 0], bulk = [0, 0], expressEnds = [FAR, FAR] } = {},
): TurnCounts {
  return new TurnCounts({ positions: { express, bulk }, expressEnds }, () => others);
}

/** Of the import's chunks with these numbers, those in the partition. */
function inPartition({ state }: FoldedImport, partition: number, chunks: readonly number[]): number {
  return chunks.filter((chunk) => partitionOf(chunkWorkKey(state.importId, chunk), PARTITIONS) === partition)
    .length;
}

test('chunks of others are those of live imports, in its partition and priority, that have not reported', () => {
  const reported = [0, 2, 3, 17, 21];
  const other = live({ reported });
  const left = below(40).filter((chunk) => !reported.includes(chunk));
  const turns = turnsAmong([other]);
  for (const partition of below(PARTITIONS)) {
    const first = { partition, offset: FAR };
    const express = left.filter((chunk) => chunk < 8);
    expect(turns.chunksBefore(waiting({ express: first }))).toBe(inPartition(other, partition, express));
    const bulk = left.filter((chunk) => chunk > 0);
    expect(turns.chunksBefore(waiting({ bulk: first }))).toBe(inPartition(other, partition, bulk));
  }
});

test('no more come before it than stand between the importers and its first chunk', () => {
  const turns = turnsAmong([live({ chunks: null }), live({ chunks: 400 })], {
    express: [5, 9],
    bulk: [7, 40],
  });
  expect(turns.chunksBefore(waiting({ bulk: { partition: 0, offset: 17 } }))).toBe(10);
  const express = { partition: 0, offset: 4 };
  expect(turns.chunksBefore(waiting({ express, bulk: { partition: 1, offset: 43 } }))).toBe(3);
  expect(turns.chunksBefore(waiting({ express: { partition: 0, offset: 5 } }))).toBe(0);
});

test('where more chunks wait than are counted, all that stands in between counts, whatever the order', () => {
  const long = Array.from({ length: 20 }, () => live({ chunks: 8_192 }));
  const far = 1_000_000;
  for (const others of [long, [...long, live()], [live(), ...long]])
    expect(turnsAmong(others).chunksBefore(waiting({ bulk: { partition: 1, offset: far } }))).toBe(far);
});

// What is told may be too high, for an import whose file still comes; it must never be too low.
test('what is told is an upper bound, and within what stands in between', () => {
  const anImport = fc.record({ chunks: fc.integer({ min: 1, max: 24 }), isComing: fc.boolean() });
  const scenario = fc.record({
    imports: fc.array(anImport, { minLength: 2, maxLength: 6 }),
    order: fc.array(fc.nat(), { minLength: 144, maxLength: 144 }),
    done: fc.record({ express: fc.tuple(fc.nat(), fc.nat()), bulk: fc.tuple(fc.nat(), fc.nat()) }),
  });
  fc.assert(
    fc.property(scenario, ({ imports, order, done }) => {
      const laid = layOut(imports, order, done);
      for (const folded of laid.live) {
        const told = laid.turns.chunksBefore(folded);
        const { true: exact, between } = laid.before(folded);
        expect(told).toBeGreaterThanOrEqual(exact);
        expect(told).toBeLessThanOrEqual(between);
      }
    }),
  );
});

test('what has ended, or has no unreported chunk, comes before nobody', () => {
  const cancelled = { ...live(), state: { ...live().state, ...ended, status: 'cancelled' as const } };
  const turns = turnsAmong([cancelled, live({ reported: below(40) }), undoing()]);
  expect(turns.chunksBefore(waiting({ bulk: { partition: 0, offset: FAR } }))).toBe(0);
  expect(turns.chunksBefore(waiting({ express: { partition: 1, offset: FAR } }))).toBe(0);
});

test('neither its own chunks, nor those of imports that begin behind it, nor those that wait to be tried again come before it', () => {
  const own = waiting({ bulk: { partition: 0, offset: FAR } });
  own.expectedChunks = bitmap(...below(40));
  const later = live({}, { bulk: { partition: 0, offset: FAR + 1 } });
  const retried = live({ chunks: 9, reported: below(8) });
  retried.retrying = [{ chunk: 8, attempt: 2, attempts: 3, dueAt: AFTER }];
  expect(turnsAmong([own, later, retried]).chunksBefore(own)).toBe(0);
});

test('a page of an undo waits for what live imports have unreported, unless they were accepted after it was asked for', () => {
  const folded = undoing();
  const partition = partitionOf(undoPageKey(folded.state.importId, 3), PARTITIONS);
  const older = live();
  const newer = live();
  newer.state.acceptedAt = AFTER;
  const expected = inPartition(older, partition, below(8));
  expect(turnsAmong([folded, older, newer]).chunksBefore(folded)).toBe(expected);
  expect(turnsAmong([folded, newer]).chunksBefore(folded)).toBe(0);
});

test('a page of an undo that stands alone in its partition waits for nobody', () => {
  const folded = undoing();
  const work = { express: [5, 5], expressEnds: [6, 6] };
  expect(turnsAmong([folded, live(), live()], work).chunksBefore(folded)).toBe(0);
});
