/** A command whose look-up of the import lies apart from it, while the import goes on, ends and is forgotten. */
import type { FoldedImport } from '@tidings/contracts/imports/folded-import.ts';
import { isAtRest, noRows } from '@tidings/contracts/imports/import.ts';
import type { ImportCommand } from '@tidings/contracts/imports/import-commands.ts';
import { decodeFoldedImport, encodeFoldedImport } from '@tidings/contracts/schemas/imports/folded-import.ts';
import { deadLetterTopic } from '@tidings/event-log/retry/topic-names.ts';
import { expect, test } from 'vitest';
import { fold } from './fold/fold.ts';
import { ForgottenImports } from './fold/forgotten-imports.ts';
import type { LoggedCommand } from './fold/logged-command.ts';
import { unsettledChunk } from './fold/unsettled-chunk.ts';
import { decodeImportFold, encodeImportFold, type ImportFold } from './state/import-fold.ts';
import { toLetterRecords } from './to-log.ts';

const importId = '0198c0de-0000-7000-8000-000000000002';
const uploadId = '0198c0de-0000-7000-8000-000000000010';
const names = { channelId: 'c', owner: 'o', fileName: 'a.csv', clientReference: null, autoUndo: true };
const completed = (chunk: number): ImportCommand => ({
  type: 'chunk.completed',
  data: { uploadId, chunk, rows: 5, delta: { ...noRows(), created: 5 } },
});

/** The log of one import, and what the aggregator remembers of it. */
function startWorld() {
  let live: ImportFold | undefined;
  let stored: FoldedImport | null = null;
  let offset = 0;
  let forgotten = new ForgottenImports();
  const log: LoggedCommand[] = [];
  const send = (command: ImportCommand) => {
    offset += 1;
    forgotten.begin(offset);
    const before = live;
    const eventId = `0198c0de-0000-7000-9000-${String(offset).padStart(12, '0')}`;
    const cause = { eventId, correlationId: importId, traceparent: '' };
    const logged = { importId, command, cause, offset, timestamp: 1_000 * offset };
    log.push(logged);
    const result = fold(live, logged, forgotten);
    if (result.next === null && before !== undefined) forgotten.add(before, offset);
    live = result.next == null ? undefined : decodeImportFold(encodeImportFold(result.next));
    return { ...result, unsettled: unsettledChunk(before, logged, result) };
  };
  const version = () => live?.state.version ?? -1;
  const compare = () => send({ type: 'import.compared', data: { version: version(), reconciled: true } });
  const project = () => {
    if (live !== undefined) stored = decodeFoldedImport(encodeImportFold(live));
    send({ type: 'import.projected', data: { version: version() } });
  };
  const end = [() => send(completed(0)), compare, project];
  const endOfCommands = () => offset + 1;
  const lookUp = () => {
    if (live === undefined) return stored;
    return isAtRest(live.state) ? decodeFoldedImport(encodeImportFold(live)) : null;
  };
  const requeue = (folded: FoldedImport | null) => {
    const command: ImportCommand = { type: 'chunk.requeued', data: { uploadId, chunk: 1, rows: 5, folded } };
    return send(command).cameTooLate ?? false;
  };
  const restart = () => {
    forgotten = new ForgottenImports();
  };
  return { send, end, compare, project, endOfCommands, restart, lookUp, requeue, log, live: () => live };
}

/** The last state that was compared, as a replay of the log finds it, which nothing has restarted. */
function replayed(log: readonly LoggedCommand[]) {
  const forgotten = new ForgottenImports();
  let live: ImportFold | undefined;
  let compared = null;
  for (const logged of log) {
    forgotten.begin(logged.offset);
    const before = live;
    const { next } = fold(live, logged, forgotten);
    if (next === null && before !== undefined) forgotten.add(before, logged.offset);
    live = next ?? undefined;
    if (live !== undefined && isAtRest(live.state) && live.state.reconciled !== null) compared = live.state;
  }
  return compared;
}

/** An import of two chunks: the second one has failed, and the first one is under way. */
function begin() {
  const world = startWorld();
  world.send({ type: 'import.accepted', data: { uploadId, ...names } });
  world.send({ type: 'upload.sealed', data: { uploadId, chunks: 2, rows: 10, bytes: 9 } });
  world.send({ type: 'chunk.failed', data: { uploadId, chunk: 1, rows: 5, code: 'x', message: 'x' } });
  return world;
}

const places = [0, 1, 2, 3];
const interleavings = places.flatMap((look) =>
  places
    .filter((obey) => obey >= look)
    .flatMap((obey) => [true, false].map((isLate) => ({ look, obey, isLate }))),
);

test.each(interleavings)(
  'a requeue counts: looked up after $look steps of the end, sent after $obey, its first report late: $isLate',
  ({ look, obey, isLate }) => {
    const { send, end, lookUp, requeue, live } = begin();
    let found: FoldedImport | null = null;
    let times = 0;
    for (const place of places) {
      if (place === look) found = lookUp();
      if (place === obey) {
        times += 1;
        if (requeue(found)) {
          // The chunk is on its topic all the same, and its first report may come at any time.
          if (!isLate) send(completed(1));
          times += 1;
          expect(requeue(lookUp())).toBe(false);
        }
      }
      end[place]?.();
    }
    // Once for each time that the chunk was put back.
    for (let time = 0; time < times; time += 1) send(completed(1));
    expect(live()?.state).toMatchObject({
      ...{ status: 'completed', rows: { total: 10, created: 10, failed: 0 } },
      chunks: { total: 2, completed: 2, failed: 0 },
    });
    expect(times).toBe(look === 0 && obey === 3 ? 2 : 1);
  },
);

/** The report of an importer that has looked the ended import up. */
function lateReport(folded: FoldedImport | null, asOf: number): ImportCommand {
  const { type, data } = completed(1);
  if (type !== 'chunk.completed' || folded === null) throw new Error('nothing was looked up');
  return { type, data: { ...data, folded, asOf } };
}

/** The import has ended, is projected and forgotten. */
function ended() {
  const begun = begin();
  for (const step of begun.end) step();
  expect(begun.live()).toBeUndefined();
  return begun;
}

/** What somebody else does with the import, until the log has forgotten it again. */
const wholeLives = {
  undo: ({ send, compare, project, lookUp, endOfCommands, live }: ReturnType<typeof begin>) => {
    const data = { by: 'owner', folded: lookUp(), asOf: endOfCommands(), again: null } as const;
    send({ type: 'import.undo', data });
    const undoId = live()?.undo?.undoId ?? '';
    const counts = { reversed: 5, kept: 0, failed: 0, next: null };
    send({ type: 'undo.page_completed', data: { undoId, page: 0, ...counts } });
    compare();
    project();
  },
  requeue: ({ send, compare, project, lookUp, endOfCommands }: ReturnType<typeof begin>) => {
    const data = { uploadId, chunk: 1, rows: 5, folded: lookUp(), asOf: endOfCommands() };
    send({ type: 'chunk.requeued', data });
    send(completed(1));
    compare();
    project();
  },
};

// A requeue brought an import back as it was before its undo, and that was projected over the undo.
test.each(['still there', 'gone by a restart'])(
  'a requeue that was looked up before the import was undone and forgotten again is given once more; what the aggregator remembers is %s',
  (memory) => {
    const begun = ended();
    const { send, lookUp, endOfCommands, live, restart } = begun;
    const [folded, asOf] = [lookUp(), endOfCommands()];
    wholeLives.undo(begun);
    expect(live()).toBeUndefined();
    if (memory !== 'still there') restart();
    const requeue = { uploadId, chunk: 1, rows: 5 };
    const late = send({ type: 'chunk.requeued', data: { ...requeue, folded, asOf } });
    expect([late.cameTooLate, live()]).toEqual([true, undefined]);
    const again = { folded: lookUp(), asOf: endOfCommands() };
    expect(send({ type: 'chunk.requeued', data: { ...requeue, ...again } }).cameTooLate).toBeFalsy();
    expect(live()?.state).toMatchObject({ status: 'undoing', undo: { reversed: 5 } });
  },
);

// The first attempt came back over the second one: what is remembered was kept by attempt, and only the second one was forgotten.
test('a requeue that was looked up before the file was sent again, and the import forgotten, brings nothing back', () => {
  const { send, compare, project, lookUp, endOfCommands, live } = startWorld();
  const accept = (attempt: string): ImportCommand => ({
    type: 'import.accepted',
    data: { uploadId: attempt, ...names, autoUndo: false },
  });
  const abort = (attempt: string, chunks: number): ImportCommand => ({
    type: 'upload.aborted',
    data: {
      ...{ uploadId: attempt, error: 'connection_broken', bytes: 1 },
      chunks: { count: chunks, rows: 5 * chunks },
    },
  });
  const second = '0198c0de-0000-7000-8000-000000000011';
  send(accept(uploadId));
  send(abort(uploadId, 1));
  send({ type: 'chunk.failed', data: { uploadId, chunk: 0, rows: 5, code: 'x', message: 'x' } });
  const requeue = { uploadId, chunk: 0, rows: 5 };
  const [folded, asOf] = [lookUp(), endOfCommands()];
  expect(folded?.state.status).toBe('failed');
  send(accept(second));
  send(abort(second, 0));
  compare();
  project();
  expect(live()).toBeUndefined();
  expect(send({ type: 'chunk.requeued', data: { ...requeue, folded, asOf } }).cameTooLate).toBe(true);
  const again = { folded: lookUp(), asOf: endOfCommands() };
  expect(again.folded?.uploadId).toBe(second);
  expect(send({ type: 'chunk.requeued', data: { ...requeue, ...again } }).ignored).toBe(true);
  expect(live()).toBeUndefined();
});

// Everything was taken back, and the import showed none of the rows that the requeue had brought.
test('an undo that was looked up before a chunk was tried again, and the import forgotten again, changes nothing', () => {
  const begun = ended();
  const { send, lookUp, endOfCommands, live } = begun;
  const data = { by: 'owner', folded: lookUp(), asOf: endOfCommands(), again: null } as const;
  wholeLives.requeue(begun);
  expect(send({ type: 'import.undo', data })).toMatchObject({ ignored: true, cameTooLate: false });
  expect(live()).toBeUndefined();
  send({ type: 'import.undo', data: { ...data, folded: lookUp(), asOf: endOfCommands() } });
  expect(live()?.state).toMatchObject({ status: 'undoing', rows: { created: 10, failed: 0 } });
});

// An importer was stopped in a chunk, support skipped the chunk, and the import was forgotten: when the importer went on, its rows counted nowhere.
test.each(['in time', 'twice', 'looked up too early'])(
  'a chunk that is worked off once its import is forgotten: %s',
  (how) => {
    const begun = ended();
    const { send, lookUp, endOfCommands, live, compare, project } = begun;
    const report = lateReport(lookUp(), endOfCommands());
    if (how === 'looked up too early') wholeLives.undo(begun);
    const result = send(report);
    if (how === 'looked up too early') {
      expect(result.ignored).toBe(true);
      expect(result.unsettled?.report).toEqual(completed(1).data);
      expect(send(lateReport(lookUp(), endOfCommands())).ignored).toBe(false);
      expect(live()?.state).toMatchObject({ status: 'undone', rows: { created: 10, failed: 0 } });
      return;
    }
    const counted = { status: 'completed', rows: { total: 10, created: 10, failed: 0 }, reconciled: null };
    expect(result.notifications.map(({ type }) => type)).toEqual(['import.completed']);
    expect(live()?.state).toMatchObject(counted);
    expect(result.unsettled).toEqual({ uploadId, chunk: 1, report: null });
    if (how === 'in time') return;
    compare();
    project();
    expect(send(lateReport(lookUp(), endOfCommands())).ignored).toBe(true);
    expect(live()).toBeUndefined();
  },
);

// An aggregator that was restarted between the look-up and the fold lost the count for good.
test.each([1, 2, 3])(
  'a late report counts though the aggregator is restarted %i times before its fold',
  (times) => {
    const { send, lookUp, endOfCommands, live, restart, compare, project, log } = ended();
    let report = lateReport(lookUp(), endOfCommands());
    for (let time = 0; time < times; time += 1) {
      const other = { type: 'upload.heartbeat', data: { uploadId, number: 9, bytes: 1 } } as const;
      send(other);
      restart();
      const late = send(report);
      expect([late.ignored, late.unsettled?.report, live()]).toEqual([true, completed(1).data, undefined]);
      // A jobs service looks the import up once more.
      report = lateReport(lookUp(), endOfCommands());
    }
    expect(send(report)).toMatchObject({ ignored: false, unsettled: { report: null } });
    expect(live()?.state).toMatchObject({ status: 'completed', rows: { total: 10, created: 10, failed: 0 } });
    compare();
    project();
    // The log does not tell which of the reports counted, so a projection that is built anew has an older version, and keeps the running one.
    expect(replayed(log)?.version).toBeLessThan(lookUp()?.state.version ?? 0);
  },
);

test.each([
  ['of a chunk that is done', 0, true],
  ['of a chunk that has failed before', 1, false],
])('a failure %s leaves something to be settled: %s', (_what, chunk, isUnsettled) => {
  const { send, end } = begin();
  end[0]?.();
  const failed = {
    type: 'chunk.failed',
    data: { uploadId, chunk, rows: 5, code: 'x', message: 'x' },
  } as const;
  const result = send(failed);
  expect([result.ignored, result.unsettled]).toEqual([
    true,
    isUnsettled ? { uploadId, chunk, report: null } : null,
  ]);
});

// An importer that died between a dead letter and its position appended the letter once more, behind the removal of the first one.
test.each([
  ['cancelled', 'import.cancel'],
  ['undone', 'import.undo'],
] as const)(
  'a second failure of a chunk leaves something to be settled where its import is %s',
  (status, how) => {
    const { send, end, live } = begin();
    if (how === 'import.cancel') send({ type: how, data: { by: 'owner' } });
    end[0]?.();
    if (how === 'import.undo') {
      send({ type: how, data: { by: 'owner', folded: null, again: null } });
      const counts = { reversed: 5, kept: 0, failed: 0, next: null };
      send({ type: 'undo.page_completed', data: { undoId: live()?.undo?.undoId ?? '', page: 0, ...counts } });
    }
    expect(live()?.state.status).toBe(status);
    const failed = { uploadId, chunk: 1, rows: 5, code: 'x', message: 'x' };
    expect(send({ type: 'chunk.failed', data: failed })).toMatchObject({
      ...{ ignored: true, unsettled: { uploadId, chunk: 1, report: null } },
    });
  },
);

test('a failure and a success of an import that is forgotten leave something to be settled; of another upload, the failure alone', () => {
  const { send, lookUp, endOfCommands } = ended();
  const failed = { uploadId, chunk: 0, rows: 5, code: 'x', message: 'x' };
  expect(send({ type: 'chunk.failed', data: failed }).unsettled).toEqual({
    uploadId,
    chunk: 0,
    report: null,
  });
  send(lateReport(lookUp(), endOfCommands()));
  const older = { ...failed, uploadId: importId };
  expect(send({ type: 'chunk.failed', data: older }).unsettled).toEqual({
    ...{ uploadId: importId, chunk: 0, report: null },
  });
  const done = { uploadId: importId, chunk: 0, rows: 5, delta: { ...noRows(), created: 5 } };
  expect(send({ type: 'chunk.completed', data: done }).unsettled).toBeNull();
});

// An importer was killed behind each commit: the chunk is a dead letter, though its report was made up for from the ledger.
test.each([true, false])(
  'a requeue of a chunk that has completed removes its dead letter, and neither it nor the next report changes a count; the log still has the import: %s',
  (isThere) => {
    const begun = begin();
    const { send, end, compare, project, lookUp, endOfCommands, log, live } = begun;
    end[0]?.();
    expect(live()?.state.status).toBe('completed_with_errors');
    send(completed(1));
    compare();
    if (!isThere) project();
    const before = [live(), lookUp()];
    expect(before[1]?.state).toMatchObject({ status: 'completed', reconciled: true, rows: { created: 10 } });
    const letter = { group: 'g', topic: 't', partition: 0, offset: 3, key: `${importId}:1` };
    const about = { uploadId, chunk: 1, rows: 5, folded: lookUp(), asOf: endOfCommands(), letter };
    const requeued: ImportCommand = { type: 'chunk.requeued', data: about };
    const result = send(requeued);
    expect(result.ignored).toBe(true);
    const logged = log.at(-1);
    if (logged === undefined) throw new Error('nothing was sent');
    expect(toLetterRecords(logged, result)).toMatchObject([
      { topic: deadLetterTopic('t', 'g'), value: null },
    ]);
    expect(send(completed(1)).ignored).toBe(true);
    expect([live(), lookUp()]).toEqual(before);
  },
);

test('of what was looked up before the oldest import that is remembered was forgotten, nothing is sure', () => {
  const { lookUp, endOfCommands } = ended();
  const folded = lookUp();
  if (folded === null) throw new Error('it is not stored');
  const forgotten = new ForgottenImports(1);
  forgotten.begin(1);
  expect(forgotten.hasOvertaken(folded, 1)).toBe(false);
  const other = decodeImportFold(encodeFoldedImport(folded));
  for (const offset of [3, 5])
    forgotten.add({ ...other, state: { ...other.state, importId: `${offset}` } }, offset);
  expect([3, 4, 5].map((asOf) => forgotten.hasOvertaken(folded, asOf))).toEqual([true, false, false]);
  expect(forgotten.hasOvertaken(folded, endOfCommands())).toBe(false);
});
