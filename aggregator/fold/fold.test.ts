import { type BucketCounts, buckets, noRows, sumRows } from '@tidings/contracts/imports/import.ts';
import type { ImportCommand } from '@tidings/contracts/imports/import-commands.ts';
import { MAX_CHUNKS } from '@tidings/contracts/imports/work.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ImportFold } from '../state/import-fold.ts';
import { type FoldResult, fold } from './fold.ts';

const uploadId = '0198c0de-0000-7000-8000-000000000001';
const importId = '0198c0de-0000-7000-8000-000000000002';
const cause = {
  eventId: importId,
  correlationId: importId,
  traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
};

const accepted: ImportCommand = {
  type: 'import.accepted',
  data: { uploadId, channelId: 'c', owner: 'o', fileName: 'a.csv', clientReference: null, autoUndo: false },
};

function run(commands: readonly ImportCommand[]): { live: ImportFold; steps: FoldResult[] } {
  let live: ImportFold | undefined;
  const steps = commands.map((command, offset) => {
    const step = fold(live, { importId, command, cause, offset, timestamp: 1_000_000 + offset * 10 });
    live = step.next ?? undefined;
    return step;
  });
  if (live === undefined) throw new Error('no import');
  return { live, steps };
}

const count = fc.integer({ min: 0, max: 50 });
const deltaArbitrary: fc.Arbitrary<BucketCounts> = fc
  .record({
    created: count,
    updated: count,
    unchanged: count,
    duplicate: count,
    rejected: fc.constantFrom(0, 0, 3),
    moved: fc.constantFrom(0, 0, 2),
  })
  // A chunk may move rows that an earlier chunk counted: fewer created, more duplicate.
  .map(({ moved, ...rows }) => ({
    ...noRows(),
    ...rows,
    created: rows.created - moved,
    duplicate: rows.duplicate + moved,
  }))
  .filter((delta) => sumRows(delta) > 0);
const reportArbitrary = fc.record({ delta: deltaArbitrary, failed: fc.boolean() });

function toReport(chunk: number, { delta, failed }: { delta: BucketCounts; failed: boolean }): ImportCommand {
  const rows = sumRows(delta);
  return failed
    ? { type: 'chunk.failed', data: { uploadId, chunk, rows, code: 'x', message: 'x' } }
    : { type: 'chunk.completed', data: { uploadId, chunk, rows, delta } };
}

/** Reports of chunks, each once or more, in any order, with the upload's end anywhere among them. */
const scenario = fc
  .record({ reports: fc.array(reportArbitrary, { maxLength: 12 }), aborted: fc.boolean() })
  .chain(({ reports, aborted }) => {
    const commands = reports.map((report, chunk) => toReport(chunk, report));
    const rows = reports.reduce((sum, { delta }) => sum + sumRows(delta), 0);
    const ending: ImportCommand = aborted
      ? {
          type: 'upload.aborted',
          data: { uploadId, error: 'connection_broken', bytes: 1, chunks: { count: reports.length, rows } },
        }
      : { type: 'upload.sealed', data: { uploadId, chunks: reports.length, rows, bytes: 1 } };
    const once = fc.shuffledSubarray([...commands, ending], { minLength: commands.length + 1 });
    const repeated =
      commands.length === 0
        ? fc.constant<ImportCommand[]>([])
        : fc.array(fc.constantFrom(...commands), { maxLength: 8 });
    return fc.record({
      commands: fc.constant(commands),
      reports: fc.constant(reports),
      rows: fc.constant(rows),
      aborted: fc.constant(aborted),
      once,
      repeated,
      places: fc.array(fc.nat(), { minLength: 8, maxLength: 8 }),
    });
  })
  .map(({ once, repeated, places, ...rest }) => {
    const sequence = [...once];
    repeated.forEach((command, index) => {
      sequence.splice((places[index] ?? 0) % (sequence.length + 1), 0, command);
    });
    return { ...rest, sequence: [accepted, ...sequence] };
  });

describe('the fold of an import', () => {
  // As arguments of one call they overflowed the stack; the end of the upload was passed over then, and its import never ended.
  test('takes the end of an upload whose receiver has died, though as many chunks as there may be are tried again, and wait', () => {
    const all = Array.from({ length: MAX_CHUNKS }, (_, chunk) => chunk);
    const next = { attempt: 2, attempts: 3, dueAt: '2026-01-01T00:00:00.000Z', code: 'x' };
    const { live } = run([
      accepted,
      ...all.map((chunk): ImportCommand => ({ type: 'chunk.retrying', data: { uploadId, chunk, ...next } })),
      { type: 'upload.expired', data: { uploadId, heartbeat: 0, pending: all } },
    ]);
    expect(live.state.upload).toBe('aborted');
    expect(live.expected?.size).toBe(MAX_CHUNKS);
  });

  test('any interleaving and repetition of chunk reports ends in the same state, with one final notification', () => {
    fc.assert(
      fc.property(scenario, ({ sequence, reports, rows, aborted }) => {
        const { live, steps } = run(sequence);
        const expected = noRows();
        for (const { delta, failed } of reports) {
          const rowsByBucket = failed ? { ...noRows(), failed: sumRows(delta) } : delta;
          for (const bucket of buckets) expected[bucket] += rowsByBucket[bucket];
        }
        const withErrors = expected.rejected > 0 || expected.failed > 0;
        expect(live.state.status).toBe(
          aborted ? 'failed' : withErrors ? 'completed_with_errors' : 'completed',
        );
        expect(live.totals).toEqual(expected);
        expect(live.state.rows.total).toBe(rows);
        expect(sumRows(live.state.rows)).toBe(rows);
        expect(live.state.chunks.total).toBe(reports.length);
        expect(live.state.chunks.completed + live.state.chunks.failed).toBe(reports.length);
        const finals = steps.flatMap((step) => step.notifications).filter(({ final }) => final);
        expect(finals).toEqual([{ type: `import.${live.state.status}`, final: true }]);
        const failures = steps
          .flatMap((step) => step.notifications)
          .filter(({ type }) => type === 'import.chunk_failed');
        expect(failures).toHaveLength(reports.filter(({ failed }) => failed).length);
      }),
      { numRuns: 500 },
    );
  });

  test('after every command the shown buckets are not negative and sum to the rows reported, and the version rises', () => {
    fc.assert(
      fc.property(scenario, ({ sequence }) => {
        let live: ImportFold | undefined;
        sequence.forEach((command, offset) => {
          const step = fold(live, { importId, command, cause, offset, timestamp: offset });
          const before = live;
          live = step.next ?? undefined;
          if (live === undefined) throw new Error('the import vanished');
          expect(Math.min(...buckets.map((bucket) => live?.state.rows[bucket] ?? -1))).toBeGreaterThanOrEqual(
            0,
          );
          expect(sumRows(live.state.rows)).toBe(sumRows(live.totals));
          if (step.ignored) expect(live).toBe(before);
          else expect(live.state.version).toBe(offset);
        });
      }),
    );
  });

  test('a file with nothing but a header completes with 0 rows', () => {
    const { live } = run([
      accepted,
      { type: 'upload.sealed', data: { uploadId, chunks: 0, rows: 0, bytes: 10 } },
    ]);
    expect(live.state).toMatchObject({
      status: 'completed',
      rows: { total: 0 },
      chunks: { total: 0 },
      bytes: 10,
    });
  });

  test('where the receiver died, the import ends with the chunks that had reported and the pending ones', () => {
    const done = toReport(0, { delta: { ...noRows(), created: 5 }, failed: false });
    const pending = toReport(2, { delta: { ...noRows(), created: 7 }, failed: false });
    const aborted: ImportCommand = {
      type: 'upload.aborted',
      data: { uploadId, error: 'receiver_restarted', bytes: 0, chunks: { pending: [2] } },
    };
    const waiting = run([accepted, done, aborted]).live.state;
    expect(waiting).toMatchObject({ status: 'importing', upload: 'aborted', rows: { total: null } });
    const { live } = run([accepted, done, aborted, pending]);
    expect(live.state).toMatchObject({
      status: 'failed',
      rows: { total: 12, created: 12 },
      chunks: { total: 2, completed: 2 },
    });
  });

  // A receiver that died before its first heartbeat left 0 bytes beside thousands of rows.
  test('where the receiver died, the bytes are those of the chunks that it had sent', () => {
    const delta = { ...noRows(), created: 5 };
    const reports = [1, 0].map((chunk): ImportCommand => {
      const fileBytes = 1_000 * (chunk + 1);
      return { type: 'chunk.completed', data: { uploadId, chunk, rows: 5, delta, fileBytes } };
    });
    const aborted: ImportCommand = {
      type: 'upload.aborted',
      data: { uploadId, error: 'receiver_restarted', bytes: 0, chunks: { pending: [] } },
    };
    expect(run([accepted, ...reports, aborted]).live.state).toMatchObject({
      bytes: 2_000,
      rows: { total: 10 },
    });
  });

  test('the first end of the upload counts; commands of an unknown import or another upload are ignored', () => {
    const sealed: ImportCommand = { type: 'upload.sealed', data: { uploadId, chunks: 1, rows: 5, bytes: 1 } };
    const aborted: ImportCommand = {
      type: 'upload.aborted',
      data: { uploadId, error: 'connection_broken', bytes: 1, chunks: { count: 0, rows: 0 } },
    };
    expect(run([accepted, sealed, aborted]).live.state.upload).toBe('sealed');
    const foreign = { ...sealed, data: { ...sealed.data, uploadId: importId } } as ImportCommand;
    expect(run([accepted, foreign]).live.state.upload).toBe('receiving');
    expect(fold(undefined, { importId, command: sealed, cause, offset: 1, timestamp: 1 })).toEqual({
      next: undefined,
      notifications: [],
      undoPage: null,
      ignored: true,
    });
  });

  test('the comparison of an ended import counts once, and only for the version that was compared', () => {
    const { live } = run([
      accepted,
      { type: 'upload.sealed', data: { uploadId, chunks: 0, rows: 0, bytes: 1 } },
    ]);
    const compare = (current: ImportFold, version: number, reconciled: boolean) =>
      fold(current, {
        importId,
        command: { type: 'import.compared', data: { version, reconciled } },
        cause,
        offset: 9,
        timestamp: 9,
      });
    const { version } = live.state;
    const { next, notifications } = compare(live, version, false);
    expect(next?.state).toEqual({ ...live.state, reconciled: false, version: 9 });
    expect(notifications).toEqual([{ type: 'import.reconciled', final: true }]);
    expect(next && compare(next, version, true)).toEqual({
      next,
      notifications: [],
      undoPage: null,
      ignored: true,
    });
    expect(compare(live, version + 1, true).ignored).toBe(true);
    expect(compare(run([accepted]).live, 0, true).ignored).toBe(true);
  });

  test('an import is forgotten once its newest version is projected', () => {
    const { live } = run([
      accepted,
      { type: 'upload.sealed', data: { uploadId, chunks: 0, rows: 0, bytes: 1 } },
    ]);
    const project = (version: number) =>
      fold(live, {
        importId,
        command: { type: 'import.projected', data: { version } },
        cause,
        offset: 9,
        timestamp: 9,
      });
    expect(project(live.state.version).next).toBeNull();
    expect(project(live.state.version - 1).ignored).toBe(true);
  });
});

test('warnings are summed over the chunks, each chunk once, and are no bucket', () => {
  const completed = (chunk: number, warnings?: number): ImportCommand => {
    const delta = { ...noRows(), created: 3 };
    return { type: 'chunk.completed', data: { uploadId, chunk, rows: 3, delta, warnings } };
  };
  const { live } = run([accepted, completed(0, 2), completed(1), completed(2, 4), completed(0, 2)]);
  expect(live.state).toMatchObject({ warnings: 6, rows: { created: 9 } });
});

test('an import says when it last went on, and neither a heartbeat without bytes nor a further attempt moves it', () => {
  const beat = (number: number, bytes: number): ImportCommand => ({
    type: 'upload.heartbeat',
    data: { uploadId, number, bytes },
  });
  const report = { delta: { ...noRows(), created: 2 }, failed: false };
  const dueAt = '2026-01-01T00:01:00.000Z';
  const { steps } = run([
    accepted,
    beat(1, 500),
    beat(2, 500),
    { type: 'chunk.retrying', data: { uploadId, chunk: 1, attempt: 2, attempts: 3, dueAt, code: 'x' } },
    toReport(0, report),
    toReport(0, report),
  ]);
  const at = (offset: number) => new Date(1_000_000 + offset * 10).toISOString();
  // The first further attempt changes the status, from accepted to importing.
  expect(steps.map(({ next }) => next?.state.movedAt)).toEqual([0, 1, 1, 3, 4, 4].map(at));
});
