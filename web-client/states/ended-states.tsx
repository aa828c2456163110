/** An import that has ended or has failed, or is taken back, in every state. */
import { endedState, FIXTURE_TIME, sentUpload } from '../test/sample-states.ts';
import { failedState, known, run, undoing } from './run-sample.tsx';
import { type PageStates, Pressed } from './samples.tsx';

const undone = { ...undoing, reversed: 17_300, endedAt: endedState().endedAt };

const cancelledState = endedState({
  status: 'cancelled',
  rows: {
    ...endedState().rows,
    created: 9_120,
    updated: 640,
    unchanged: 1_310,
    rejected: 0,
    cancelled: 8_630,
  },
});

export const endedStates: PageStates = {
  'run-completed': () =>
    run({
      ...known,
      state: endedState({
        status: 'completed',
        rows: {
          ...endedState().rows,
          created: 18_400,
          updated: 900,
          unchanged: 500,
          duplicate: 200,
          rejected: 0,
        },
      }),
    }),
  'run-rejects': () => run({ ...known, state: endedState() }),
  'run-ignored': () => run({ ...known, state: endedState({ restIgnored: true }) }),
  'run-fix-here': () => <Pressed testId="fix-here">{run({ ...known, state: endedState() })}</Pressed>,
  'run-every-bucket': () =>
    run({
      ...known,
      state: endedState({
        rows: {
          total: 20_000,
          created: 5_000,
          updated: 4_000,
          unchanged: 3_000,
          duplicate: 3_000,
          rejected: 2_000,
          failed: 2_000,
          cancelled: 1_000,
        },
      }),
    }),
  'run-no-rows': () =>
    run({
      ...known,
      state: endedState({
        status: 'completed',
        rowsPerSecond: 0,
        rows: {
          ...endedState().rows,
          total: 0,
          created: 0,
          updated: 0,
          unchanged: 0,
          duplicate: 0,
          rejected: 0,
        },
      }),
    }),
  'run-failed': () => run({ ...known, state: failedState }),
  'run-failed-elsewhere': () =>
    run(
      {
        importId: 'a',
        fileName: `${'very-long-'.repeat(12)}.csv`,
        upload: null,
        stateAt: FIXTURE_TIME,
        state: failedState,
      },
      false,
    ),
  'run-too-large': () => run({ ...known, state: { ...failedState, uploadError: 'file_too_large' } }),
  'run-take-back-question': () => (
    <Pressed testId="take-back">{run({ ...known, state: endedState() })}</Pressed>
  ),
  'run-undone-list': () => (
    <Pressed testId="show-kept">
      {run({ ...known, state: endedState({ status: 'undone', undo: { ...undone, kept: 5, failed: 1 } }) })}
    </Pressed>
  ),
  'run-cancelled': () => run({ ...known, state: cancelledState }),
  'run-cancelled-uploading': () =>
    run({
      ...known,
      upload: { ...sentUpload, phase: 'broken', sentBytes: 1_100_000 },
      state: { ...cancelledState, upload: 'aborted', uploadError: 'cancelled' },
    }),
  'run-undoing': () => run({ ...known, state: endedState({ status: 'undoing', undo: undoing }) }),
  'run-undone': () => run({ ...known, state: endedState({ status: 'undone', undo: undone }) }),
  'run-undone-kept': () =>
    run({
      ...known,
      state: endedState({ status: 'undone', undo: { ...undone, reversed: 17_287, kept: 12, failed: 1 } }),
    }),
  'run-undone-failed': () =>
    run({
      ...known,
      state: endedState({ status: 'undone', undo: { ...undone, reversed: 17_298, failed: 2 } }),
    }),
  'run-take-back-again-question': () => (
    <Pressed testId="take-back">
      {run({
        ...known,
        state: endedState({ status: 'undone', undo: { ...undone, reversed: 17_286, kept: 12, failed: 2 } }),
      })}
    </Pressed>
  ),
  'run-sums-differ': () => run({ ...known, state: endedState({ reconciled: false }) }),
  'run-failed-undoing': () => run({ ...known, state: { ...failedState, undo: undoing } }),
  'run-failed-undone': () =>
    run({ ...known, state: { ...failedState, undo: { ...undone, reversed: 4_138, kept: 12 } } }),
  'run-nothing-imported': () =>
    run({
      ...known,
      state: endedState({
        rows: {
          ...endedState().rows,
          total: 40,
          created: 0,
          updated: 0,
          unchanged: 0,
          duplicate: 0,
          rejected: 40,
        },
      }),
    }),
};
