/** An import that has ended or has failed, or is taken back, in every state. */
import { endedState, endedWith, sentUpload } from '../test/sample-states.ts';
import { failedState, known, run, undoing } from './run-sample.tsx';
import { type PageStates, Pressed } from './samples.tsx';

const undone = { ...undoing, reversed: 17_300, endedAt: endedState().endedAt };

const cancelledState = endedWith(
  { created: 9_120, updated: 640, unchanged: 1_310, duplicate: 300, cancelled: 8_630 },
  { status: 'cancelled' },
);

export const endedStates: PageStates = {
  'run-completed': () =>
    run({
      ...known,
      state: endedWith(
        { created: 18_400, updated: 900, unchanged: 500, duplicate: 200 },
        { status: 'completed' },
      ),
    }),
  'run-rejects': () => run({ ...known, state: endedState() }, { handed: 200 }),
  'run-ignored': () => run({ ...known, state: endedState({ restIgnored: true }) }, { handed: 200 }),
  'run-fix-here': () => <Pressed testId="fix-here">{run({ ...known, state: endedState() })}</Pressed>,
  'run-failed-rows': () =>
    run({ ...known, state: endedWith({ created: 16_500, unchanged: 2_000, rejected: 250, failed: 1_250 }) }),
  'run-every-bucket': () =>
    run({
      ...known,
      state: endedWith(
        {
          ...{ created: 5_000, updated: 4_000, unchanged: 3_000, duplicate: 3_000 },
          ...{ rejected: 2_000, failed: 2_000, cancelled: 1_000 },
        },
        { status: 'cancelled' },
      ),
    }),
  'run-no-rows': () => run({ ...known, state: endedWith({}, { status: 'completed', bytes: 42 }) }),
  'run-failed': () => run({ ...known, state: failedState }),
  'run-failed-elsewhere': () =>
    run(
      {
        importId: 'a',
        upload: null,
        stateAt: known.stateAt,
        state: { ...failedState, fileName: `${'very-long-'.repeat(12)}.csv` },
      },
      { sender: false },
    ),
  'run-too-large': () => run({ ...known, state: { ...failedState, uploadError: 'file_too_large' } }),
  'run-take-back-question': () => (
    <Pressed testId="take-back">{run({ ...known, state: endedState() })}</Pressed>
  ),
  'run-undone-list': () => (
    <Pressed testId="show-kept">
      {run({
        ...known,
        state: endedState({ status: 'undone', undo: { ...undone, reversed: 17_275, kept: 24, failed: 1 } }),
      })}
    </Pressed>
  ),
  'run-cancelled': () => run({ ...known, state: cancelledState }),
  'run-cancelled-uploading': () =>
    run({
      ...known,
      upload: { ...sentUpload, phase: 'broken', sentBytes: 1_100_000 },
      state: { ...cancelledState, upload: 'aborted', uploadError: 'cancelled', sealedAt: null },
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
  'run-nothing-imported': () => run({ ...known, state: endedWith({ rejected: 40 }) }),
};
