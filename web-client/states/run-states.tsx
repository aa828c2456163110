/** An import that runs, has ended or has failed, in every state. */
import type { UndoItem } from '@tidings/contracts/http.ts';
import type { WaitingFor } from '@tidings/contracts/waiting-for.ts';
import type { ComponentChildren } from 'preact';
import type { ImportView } from '../following/import-view.ts';
import type { ImportActions } from '../import/import-actions.ts';
import ImportRun from '../import/import-run.tsx';
import { NoToken } from '../import/no-token.tsx';
import { brokenUploadProblem } from '../shell/explain.ts';
import {
  endedState,
  FIXTURE_TIME,
  fixtureFile,
  importState,
  importView,
  sentUpload,
} from '../test/sample-states.ts';
import { nothing, nothingYet, type PageStates, Pressed, refused } from './samples.tsx';

const keptContacts: UndoItem[] = Array.from({ length: 6 }, (_, index) => ({
  contactId: `01958f2a-7c11-7d3e-9a54-00000000000${index}`,
  email: index === 3 ? `${'a-long-name.'.repeat(8)}@example.org` : `visitor.${index}@example.org`,
  outcome: index === 5 ? 'failed' : 'kept',
  reason: index === 5 ? 'page_failed' : index % 2 === 0 ? 'edited_since' : 'imported_since',
}));

const actions: ImportActions = {
  cancel: nothingYet,
  takeBack: nothingYet,
  retryFailed: nothingYet,
  fetchKept: () => Promise.resolve({ items: [...keptContacts], nextCursor: 'more' }),
  downloadRejected: nothingYet,
};

function run(changes: Partial<ImportView>, sender = true): ComponentChildren {
  return (
    <ImportRun
      view={importView(changes)}
      actions={actions}
      onSendAgain={sender ? nothing : null}
      onGiveUp={changes.importId === undefined ? nothing : null}
      onFile={nothing}
    />
  );
}

const known = { upload: sentUpload, importId: 'a', stateAt: FIXTURE_TIME } as const;

const failedState = endedState({
  status: 'failed',
  upload: 'aborted',
  uploadError: 'connection_broken',
  bytes: 412_000,
  rows: {
    ...endedState().rows,
    total: 4_200,
    created: 4_000,
    updated: 150,
    unchanged: 0,
    duplicate: 50,
    rejected: 0,
  },
});

const receivingState = importState({
  upload: 'receiving',
  rows: { ...importState().rows, total: null, created: 88_299 },
});

const undoing = { reversed: 1_500, kept: 0, failed: 0, endedAt: null };
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

const waits: readonly WaitingFor[] = [
  { reason: 'turn', text: 'its turn (12 chunks of others before it)', chunksBefore: 12 },
  { reason: 'importer', text: 'no importer' },
  { reason: 'aggregator', text: 'no aggregator' },
  { reason: 'database', text: 'database' },
  { reason: 'log', text: 'log' },
  {
    reason: 'retry',
    text: 'retry 2 of 3 at 09:27:05',
    attempt: 2,
    attempts: 3,
    at: new Date(FIXTURE_TIME + 12_000).toISOString(),
  },
  { reason: 'upload', text: 'the rest of the file' },
];

export const runStates: PageStates = {
  'run-opening': () => run({ connection: { kind: 'connecting', since: FIXTURE_TIME } }),
  'run-uploading': () =>
    run({
      importId: 'a',
      stateAt: FIXTURE_TIME,
      upload: {
        phase: 'sending',
        sentBytes: 1_100_000,
        totalBytes: fixtureFile.size,
        retryAt: null,
        samples: [
          { at: 0, amount: 0 },
          { at: 1_000, amount: 180_000 },
        ],
      },
      state: importState({
        upload: 'receiving',
        rows: { ...importState().rows, total: null, created: 3_000 },
        rowsPerSecond: 9_000,
      }),
    }),
  'run-importing': () => run({ ...known, state: importState() }),
  'run-watching': () =>
    run({
      upload: null,
      importId: 'a',
      state: importState({ upload: 'receiving', rows: { ...importState().rows, total: null } }),
    }),
  'run-reconnecting': () =>
    run({
      ...known,
      connection: { kind: 'reconnecting', since: FIXTURE_TIME + 2_000 },
      state: importState(),
    }),
  'run-delayed': () =>
    run({ ...known, connection: { kind: 'degraded', since: FIXTURE_TIME + 2_000 }, state: importState() }),
  'run-delayed-opening': () => run({ connection: { kind: 'degraded', since: FIXTURE_TIME + 2_000 } }),
  'run-delayed-uploading': () =>
    run({
      importId: 'a',
      stateAt: FIXTURE_TIME,
      connection: { kind: 'degraded', since: FIXTURE_TIME + 2_000 },
      upload: { ...sentUpload, phase: 'sending', sentBytes: 1_100_000 },
      state: importState({ upload: 'receiving', rows: { ...importState().rows, total: null } }),
    }),
  'run-offline': () =>
    run({ ...known, connection: { kind: 'offline', since: FIXTURE_TIME + 2_000 }, state: importState() }),
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
  'run-broken-rows': () =>
    run({
      ...known,
      connection: { kind: 'reconnecting', since: FIXTURE_TIME + 2_000 },
      upload: { ...sentUpload, phase: 'broken', sentBytes: 1_700_000 },
      state: importState({
        upload: 'receiving',
        rows: { ...importState().rows, total: null, created: 88_299 },
      }),
      problem: brokenUploadProblem,
    }),
  'run-pace': () =>
    run({
      ...known,
      state: importState(),
      rowSamples: [
        { at: 0, amount: 0 },
        { at: 4_000, amount: 1_600 },
      ],
    }),
  ...Object.fromEntries(
    waits.map((waitingFor) => [
      `run-waits-${waitingFor.reason}`,
      () => run({ ...known, state: importState({ waitingFor }) }),
    ]),
  ),
  'run-retrying': () =>
    run({
      importId: 'a',
      stateAt: FIXTURE_TIME,
      upload: { ...sentUpload, phase: 'retrying', sentBytes: 0, retryAt: FIXTURE_TIME + 4_000 },
      state: { ...failedState, undo: undoing },
    }),
  'run-retrying-unreachable': () =>
    run({
      importId: 'a',
      stateAt: FIXTURE_TIME,
      connection: { kind: 'reconnecting', since: FIXTURE_TIME + 2_000 },
      upload: { ...sentUpload, phase: 'retrying', sentBytes: 0, retryAt: FIXTURE_TIME + 4_000 },
      state: receivingState,
    }),
  'run-sent-again': () =>
    run({
      importId: 'a',
      stateAt: FIXTURE_TIME,
      upload: { ...sentUpload, phase: 'sending', sentBytes: 300_000 },
      state: { ...failedState, undo: { ...undoing, reversed: 4_150, endedAt: endedState().endedAt } },
    }),
  'run-cancel-question': () => <Pressed testId="cancel">{run({ ...known, state: importState() })}</Pressed>,
  'run-cancel-question-uploading': () => (
    <Pressed testId="cancel">
      {run({ ...known, upload: { ...sentUpload, phase: 'sending' }, state: receivingState })}
    </Pressed>
  ),
  'run-take-back-question': () => (
    <Pressed testId="take-back">{run({ ...known, state: endedState() })}</Pressed>
  ),
  'run-undone-list': () => (
    <Pressed testId="show-kept">
      {run({ ...known, state: endedState({ status: 'undone', undo: { ...undone, kept: 5, failed: 1 } }) })}
    </Pressed>
  ),
  'run-cancel-unanswered': () =>
    run({
      ...known,
      connection: { kind: 'reconnecting', since: FIXTURE_TIME + 2_000 },
      upload: { ...sentUpload, phase: 'broken', sentBytes: 1_100_000 },
      state: receivingState,
      cancelWaits: true,
    }),
  'run-cancel-unanswered-unknown': () =>
    run({
      connection: { kind: 'reconnecting', since: FIXTURE_TIME },
      upload: { ...sentUpload, phase: 'broken' },
      cancelWaits: true,
    }),
  'run-cancelling': () => run({ ...known, state: importState({ status: 'cancelling' }) }),
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
  'run-waiting': () => run({ connection: { kind: 'reconnecting', since: FIXTURE_TIME } }),
  'run-refused': () => run({ upload: { ...sentUpload, phase: 'broken' }, problem: refused }),
  'run-broken': () => run({ upload: { ...sentUpload, phase: 'broken' }, problem: brokenUploadProblem }),
  'run-long-name': () =>
    run({
      ...known,
      fileName: `"><img src=x onerror=alert(1)>${'very-long-'.repeat(12)}.csv`,
      state: importState(),
    }),
  'no-token': () => <NoToken importId="01958f2a-7c11-7d3e-9a54-2f6b1c0d8e90" />,
};
