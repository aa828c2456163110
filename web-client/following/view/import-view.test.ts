import { noRows } from '@tidings/contracts/imports/import.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PageProblem } from '../../shell/services/page-problem.ts';
import { endedState, FIXTURE_TIME, fixtureFile, importState } from '../../test/sample-states.ts';
import {
  type ImportEvent,
  type ImportView,
  importRemaining,
  isSentAgain,
  isStale,
  needsNoBytes,
  reduceImport,
  sendingView,
  uploadRemaining,
  uploadSpeed,
  watchingView,
} from './import-view.ts';

const problem: PageProblem = {
  code: 'network',
  title: 'The upload broke off',
  detail: 'The connection was lost.',
};

function play(start: ImportView, events: readonly ImportEvent[]): ImportView {
  return events.reduce(reduceImport, start);
}

const sending = play(sendingView(fixtureFile, 0), [
  { type: 'connection', kind: 'live', at: 10 },
  { type: 'upload.started' },
]);

describe('the newest version', () => {
  const states = [3, 4, 5, 6, 7].map((version) =>
    importState({ version, rows: { ...importState().rows, created: version * 100 } }),
  );

  it('is shown last, in whatever order and however often versions arrive', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: states.length - 1 }), { minLength: 1, maxLength: 40 }), (order) => {
        const events = order.map((index): ImportEvent => {
          const state = states[index] ?? importState();
          return { type: 'state', state, at: state.version };
        });
        const view = play(watchingView(importState().importId, 'a.csv', 0), events);
        expect(view.state?.version).toBe(3 + Math.max(...order));
        expect(view.stateAt).toBe(3 + Math.max(...order));
      }),
    );
  });

  it('keeps an end when progress of the same version follows', () => {
    const ended = endedState({ version: 9 });
    const view = play(sending, [
      { type: 'state', state: ended, at: 1 },
      { type: 'state', state: importState({ version: 9 }), at: 2 },
    ]);
    expect(view.state).toBe(ended);
  });

  it('keeps the comparison of the sums, which is told after the end', () => {
    const compared = endedState({ version: 10, reconciled: true });
    const view = play(sending, [
      { type: 'state', state: endedState({ version: 9, reconciled: null }), at: 1 },
      { type: 'state', state: compared, at: 2 },
      { type: 'state', state: endedState({ version: 9, reconciled: null }), at: 3 },
    ]);
    expect(view.state).toBe(compared);
  });

  it('keeps what its channel does not tell: whether its rejected rows are ignored', () => {
    const ignoredAfter = (...states: Parameters<typeof endedState>[0][]) =>
      play(
        sending,
        states.map((state, at) => ({ type: 'state', state: endedState({ version: 9, ...state }), at })),
      ).state?.restIgnored;
    expect(ignoredAfter({}, { restIgnored: true }, { version: 10 })).toBe(true);
    expect(ignoredAfter({ restIgnored: true }, { restIgnored: false }, {})).toBe(false);
    expect(ignoredAfter({}, {})).toBeUndefined();
  });

  it('keeps how many rejected rows are left to mend, until it is told anew or other rows are rejected', () => {
    const leftAfter = (...states: Parameters<typeof endedState>[0][]) =>
      play(
        sending,
        states.map((state, at) => ({ type: 'state', state: endedState({ version: 9, ...state }), at })),
      ).state?.leftToMend;
    expect(leftAfter({}, { leftToMend: 3 }, { version: 10 })).toBe(3);
    expect(leftAfter({ leftToMend: 3 }, { leftToMend: 0 }, { restIgnored: true, restChanges: 1 })).toBe(0);
    const rows = { ...endedState().rows, rejected: 251 };
    expect(leftAfter({ leftToMend: 0 }, { version: 10, rows })).toBeUndefined();
  });

  // The rows of a further upload were shown as ignored, because those before them were, until the page asked the API.
  it('keeps nothing of that for the rows of a further upload', () => {
    const known = endedState({ version: 9, restIgnored: true, restChanges: 1, leftToMend: 0 });
    const view = play(sending, [
      { type: 'state', state: known, at: 1 },
      { type: 'state', state: endedState({ version: 20, acceptedAt: '2026-11-30T09:00:00.000Z' }), at: 2 },
    ]);
    expect(view.state).not.toHaveProperty('restIgnored');
    expect(view.state).not.toHaveProperty('leftToMend');
  });

  // An answer of the API that was asked before a change, and came after its notification, took the change back.
  it('keeps whether its rejected rows are ignored from what was told before that changed', () => {
    const shown = (restChanges: number) => ({ restIgnored: restChanges % 2 === 1, restChanges });
    fc.assert(
      fc.property(fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 1 }), (told) => {
        const states = told.map((changes) => endedState({ version: 9, ...shown(changes) }));
        const view = play(
          sending,
          states.map((state, at) => ({ type: 'state', state, at })),
        );
        expect(view.state).toMatchObject(shown(Math.max(...told)));
      }),
    );
  });

  it('may be a state that runs again, where its version is newer', () => {
    const view = play(sending, [
      { type: 'state', state: endedState({ version: 9 }), at: 1 },
      { type: 'state', state: importState({ version: 12 }), at: 2 },
    ]);
    expect(view.state?.status).toBe('importing');
  });

  // Two imports that mended at once took each other's place at each snapshot, and the page asked for its rejected rows anew each time.
  it('of imports that mend changes the view where a status changes, however many run at once', () => {
    const [one, other] = ['one', 'other'].map((importId) => importState({ importId, mends: 'first' }));
    const told = (view: ImportView, state = importState()) =>
      reduceImport(view, { type: 'state', state, at: 1 });
    const known = told(told(watchingView('first', 'a.csv', 0), one), other);
    expect(told(told(known, { ...importState(), ...one, version: 7 }), other)).toBe(known);
    const ended = told(known, endedState({ ...one, status: 'completed' }));
    expect([...ended.menders]).toEqual([
      ['one', 'completed'],
      ['other', 'importing'],
    ]);
    const many = Array.from({ length: 101 }, (_, at) => importState({ importId: `${at}`, mends: 'first' }));
    const crowded = many.reduce(told, ended).menders;
    expect([crowded.size, crowded.has('0'), crowded.has('100')]).toEqual([100, false, true]);
  });

  it('of another import is ignored', () => {
    const view = watchingView('01958f2a-0000-7000-8000-000000000000', 'a.csv', 0);
    expect(reduceImport(view, { type: 'state', state: importState(), at: 1 })).toBe(view);
  });
});

describe('the upload', () => {
  it('counts bytes of the file, never more than it has and never back', () => {
    const view = play(sending, [
      { type: 'upload.progress', sentBytes: 1_000, at: 100 },
      { type: 'upload.progress', sentBytes: 800, at: 200 },
      { type: 'upload.progress', sentBytes: fixtureFile.size + 300, at: 300 },
    ]);
    expect(view.upload?.sentBytes).toBe(fixtureFile.size);
    expect(view.upload?.samples.at(-2)?.amount).toBe(1_000);
  });

  it('tells its speed and time to go from the last seconds', () => {
    const view = play(sending, [
      { type: 'upload.progress', sentBytes: 0, at: 0 },
      { type: 'upload.progress', sentBytes: 900_000, at: 10_000 },
      { type: 'upload.progress', sentBytes: 1_387_437, at: 11_000 },
    ]);
    expect(view.upload && uploadSpeed(view.upload)).toBe(487_437);
    expect(view.upload && uploadRemaining(view.upload)).toBeCloseTo((500_000 / 487_437) * 1000);
  });

  it('knows no speed before there is something to compare', () => {
    expect(sending.upload && uploadSpeed(sending.upload)).toBeNull();
    expect(sending.upload && uploadRemaining(sending.upload)).toBeNull();
  });

  it('is complete when the services say so, although the answer was lost', () => {
    const lost = reduceImport(sending, { type: 'upload.refused', problem });
    expect(lost.upload?.phase).toBe('broken');
    const told = reduceImport(lost, { type: 'state', state: importState(), at: 5 });
    expect(told.upload?.phase).toBe('sent');
    expect(told.problem).toBeNull();
    expect(reduceImport(told, { type: 'upload.refused', problem }).problem).toBeNull();
  });

  it('takes the reason from the services where they have one', () => {
    const lost = reduceImport(sending, { type: 'upload.refused', problem });
    const state = endedState({ status: 'failed', upload: 'aborted', uploadError: 'connection_broken' });
    expect(reduceImport(lost, { type: 'state', state, at: 5 }).problem).toBeNull();
  });

  it('keeps the reason that the server has answered', () => {
    const tooLarge = { ...problem, code: 'file_too_large' };
    const refused = reduceImport(sending, { type: 'upload.refused', problem: tooLarge });
    const state = endedState({ status: 'failed', upload: 'aborted', uploadError: 'file_too_large' });
    expect(reduceImport(refused, { type: 'state', state, at: 5 }).problem).toBe(tooLarge);
  });

  it('that is postponed has sent nothing, and starts again', () => {
    const postponed = play(sending, [
      { type: 'upload.progress', sentBytes: 900_000, at: 100 },
      { type: 'upload.postponed' },
    ]);
    expect(postponed.upload).toMatchObject({ phase: 'opening', sentBytes: 0, samples: [] });
    const again = reduceImport(postponed, { type: 'upload.progress', sentBytes: 0, at: 9_000 });
    expect(again.upload?.phase).toBe('sending');
  });

  it('that broke off goes on with what the server has, or from its first byte, as soon as that is known', () => {
    const waiting = play(sending, [
      { type: 'upload.progress', sentBytes: 900_000, at: 100 },
      { type: 'upload.retrying', retryAt: 5_000 },
    ]);
    expect(waiting.upload).toMatchObject({
      ...{ phase: 'retrying', sentBytes: 900_000, samples: [], retryAt: 5_000 },
    });
    const trying = reduceImport(waiting, { type: 'upload.trying' });
    expect(trying.upload).toMatchObject({ phase: 'retrying', sentBytes: 900_000, retryAt: null });
    const goesOn = reduceImport(waiting, { type: 'upload.progress', sentBytes: 800_000, at: 5_000 });
    expect(goesOn.upload).toMatchObject({ phase: 'sending', sentBytes: 800_000 });
    const unreachable = reduceImport(waiting, { type: 'upload.progress', sentBytes: 0, at: 5_000 });
    expect(unreachable.upload?.phase).toBe('retrying');
    const again = reduceImport(unreachable, { type: 'upload.progress', sentBytes: 900, at: 5_200 });
    expect(again.upload).toMatchObject({ phase: 'sending', sentBytes: 900 });
  });

  it('is sent again while the services have ended the one that broke off, and runs again after that', () => {
    const aborted = endedState({ version: 9, status: 'failed', upload: 'aborted' });
    const waiting = play(sending, [
      { type: 'upload.retrying', retryAt: 5_000 },
      { type: 'state', state: aborted, at: 1 },
    ]);
    expect(isSentAgain(waiting)).toBe(true);
    const again = importState({ version: 12, upload: 'receiving' });
    expect(isSentAgain(reduceImport(waiting, { type: 'state', state: again, at: 2 }))).toBe(false);
    expect(isSentAgain(reduceImport(waiting, { type: 'upload.refused', problem }))).toBe(false);
  });

  it('of an import that another tab has cancelled has ended, and is not sent again', () => {
    const cancelling = importState({ version: 11, status: 'cancelling', upload: 'receiving' });
    const cancelled = play(sending, [
      { type: 'upload.retrying', retryAt: 5_000 },
      { type: 'state', state: cancelling, at: 1 },
      { type: 'upload.retrying', retryAt: 9_000 },
    ]);
    expect([cancelled.upload?.phase, cancelled.problem]).toEqual(['broken', null]);
    expect(needsNoBytes(cancelled)).toBe(true);
    expect(needsNoBytes(sending)).toBe(false);
  });

  it('that the reader stopped has ended, without a problem', () => {
    const stopped = reduceImport(sending, { type: 'upload.stopped' });
    expect([stopped.upload?.phase, stopped.problem]).toEqual(['broken', null]);
  });

  it('that was given up is shown no more', () => {
    const view = sendingView(fixtureFile, 0);
    expect(reduceImport(view, { type: 'upload.given_up' }).upload).toBeNull();
  });

  it('has its id from the answer or from the channel, whichever comes first', () => {
    expect(reduceImport(sending, { type: 'upload.accepted', importId: 'x' }).importId).toBe('x');
    const state = importState({ upload: 'receiving' });
    expect(reduceImport(sending, { type: 'state', state, at: 1 }).importId).toBe(state.importId);
  });
});

describe('an outage', () => {
  it('keeps the moment at which the connection was lost, whatever its kind is later', () => {
    const view = play(sending, [
      { type: 'state', state: importState(), at: FIXTURE_TIME },
      { type: 'connection', kind: 'reconnecting', at: 500 },
      { type: 'connection', kind: 'offline', at: 900 },
    ]);
    expect(view.connection).toEqual({ kind: 'offline', since: 500 });
    expect(isStale(view)).toBe(true);
    expect(view.stateAt).toBe(FIXTURE_TIME);
  });

  it('ends with the next connection', () => {
    const view = play(sending, [
      { type: 'connection', kind: 'reconnecting', at: 500 },
      { type: 'connection', kind: 'live', at: 800 },
    ]);
    expect(view.connection).toEqual({ kind: 'live', since: 800 });
    expect(isStale(view)).toBe(false);
  });

  it('does not matter after the end', () => {
    const view = play(sending, [
      { type: 'state', state: endedState(), at: 1 },
      { type: 'connection', kind: 'reconnecting', at: 500 },
    ]);
    expect(isStale(view)).toBe(false);
  });
});

describe('late updates', () => {
  it('make the numbers old until they are live again, and no longer', () => {
    const late = play(sending, [
      { type: 'state', state: importState(), at: FIXTURE_TIME },
      { type: 'connection', kind: 'degraded', at: 500 },
    ]);
    expect(late.connection).toEqual({ kind: 'degraded', since: 500 });
    expect([isStale(late), late.stateAt]).toEqual([true, FIXTURE_TIME]);
    expect(isStale(reduceImport(late, { type: 'connection', kind: 'live', at: 900 }))).toBe(false);
    expect(isStale(reduceImport(late, { type: 'state', state: endedState(), at: 900 }))).toBe(false);
  });

  it('begin at a moment of their own, apart from a lost connection', () => {
    const view = play(sending, [
      { type: 'connection', kind: 'degraded', at: 500 },
      { type: 'connection', kind: 'reconnecting', at: 700 },
    ]);
    expect(view.connection).toEqual({ kind: 'reconnecting', since: 700 });
  });
});

describe('the time to go', () => {
  /** Half a second apart, at 2,000 rows a second. */
  function running(from: number, count: number, first: number): ImportEvent[] {
    return Array.from({ length: count }, (_, index) => ({
      type: 'state',
      at: from + index * 500,
      state: importState({
        version: 100 + first + index,
        rows: { ...noRows(), total: 20_000, created: (first + index) * 1_000 },
      }),
    }));
  }

  it('is what is left over the present pace', () => {
    expect(importRemaining(play(sending, running(0, 11, 0)))).toBe(5_000);
  });

  it('after an outage is computed from what the import does since', () => {
    const before = running(0, 8, 0);
    expect(importRemaining(play(sending, [...before, ...running(90_000, 10, 8)]))).toBeNull();
    expect(importRemaining(play(sending, [...before, ...running(90_000, 11, 8)]))).toBe(1_000);
  });

  it('is not known without a total, without a pace, and after the end', () => {
    const untilNow = running(0, 11, 0);
    const unknown = importState({ version: 200, rows: { ...noRows(), total: null, created: 11_000 } });
    expect(
      importRemaining(play(sending, [...untilNow, { type: 'state', state: unknown, at: 5_400 }])),
    ).toBeNull();
    expect(importRemaining(play(sending, running(0, 2, 0)))).toBeNull();
    const ended = endedState({ version: 300 });
    expect(
      importRemaining(play(sending, [...untilNow, { type: 'state', state: ended, at: 5_400 }])),
    ).toBeNull();
  });

  it('does not count what is asked of the API for a version that is known', () => {
    const known = importState({ version: 200 });
    const view = play(sending, [{ type: 'state', state: known, at: 0 }]);
    const again = reduceImport(view, { type: 'state', state: { ...known }, at: 9_000 });
    expect(again.rowSamples).toBe(view.rowSamples);
  });
});
