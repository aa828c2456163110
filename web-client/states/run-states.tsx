/** An import that runs, has ended or has failed, in every state. */
import type { ComponentChildren } from 'preact';
import type { ImportView } from '../following/import-view.ts';
import { ImportRun } from '../import/import-run.tsx';
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
import { nothing, nothingYet, type PageStates, refused } from './samples.tsx';

function run(changes: Partial<ImportView>, sender = true): ComponentChildren {
  return (
    <ImportRun
      view={importView(changes)}
      downloadRejected={nothingYet}
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
        samples: [
          { at: 0, bytes: 0 },
          { at: 1_000, bytes: 180_000 },
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
        reconciled: false,
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
