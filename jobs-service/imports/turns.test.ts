import type { FirstWork, FoldedImport } from '@tidings/contracts/folded-import.ts';
import { chunkWorkKey, undoPageKey } from '@tidings/contracts/work.ts';
import { partitionOf } from '@tidings/event-log/engine/partitioner.ts';
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
