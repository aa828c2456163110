/** An import that runs, in every state: its upload, its connection, what it waits for. */
import type { WaitingFor } from '@tidings/contracts/imports/waiting-for.ts';
import { brokenUploadProblem } from '../shell/services/explain.ts';
import {
  endedState,
  FIXTURE_TIME,
  fixtureFile,
  importState,
  receivingState,
  sentUpload,
} from '../test/sample-states.ts';
import { failedState, known, run, undoing } from './run-sample.tsx';
import { type PageStates, Pressed, refused } from './samples.tsx';

/** Bytes that the server has received, and a moment later those that were sent. */
const RECEIVED = 1_250_000;
const SENT = 1_300_000;
const receiving = receivingState(RECEIVED);

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
      stateAt: known.stateAt,
      upload: {
        phase: 'sending',
        sentBytes: SENT,
        totalBytes: fixtureFile.size,
        retryAt: null,
        samples: [
          { at: 0, amount: 0 },
          { at: 1_000, amount: 180_000 },
        ],
      },
      state: { ...receiving, rowsPerSecond: 9_000 },
    }),
  'run-importing': () => run({ ...known, state: importState() }),
  'run-watching': () =>
    run({
      upload: null,
      importId: 'a',
      stateAt: known.stateAt,
      state: receiving,
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
      stateAt: known.stateAt,
      connection: { kind: 'degraded', since: FIXTURE_TIME + 2_000 },
      upload: { ...sentUpload, phase: 'sending', sentBytes: SENT },
      state: receiving,
    }),
  'run-offline': () =>
    run({ ...known, connection: { kind: 'offline', since: FIXTURE_TIME + 2_000 }, state: importState() }),
  'run-broken-rows': () =>
    run({
      ...known,
      connection: { kind: 'reconnecting', since: FIXTURE_TIME + 2_000 },
      upload: { ...sentUpload, phase: 'broken', sentBytes: 1_700_000 },
      state: receiving,
      problem: brokenUploadProblem(),
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
      () =>
        waitingFor.reason === 'upload'
          ? run({ ...known, upload: null, state: { ...receiving, waitingFor } })
          : run({ ...known, state: importState({ waitingFor }) }),
    ]),
  ),
  'run-retrying': () =>
    run({
      importId: 'a',
      stateAt: known.stateAt,
      upload: { ...sentUpload, phase: 'retrying', sentBytes: 0, retryAt: FIXTURE_TIME + 4_000 },
      state: { ...failedState, undo: undoing },
    }),
  'run-retrying-unreachable': () =>
    run({
      importId: 'a',
      stateAt: known.stateAt,
      connection: { kind: 'reconnecting', since: FIXTURE_TIME + 2_000 },
      upload: { ...sentUpload, phase: 'retrying', sentBytes: SENT, retryAt: FIXTURE_TIME + 4_000 },
      state: receiving,
    }),
  'run-retrying-now': () =>
    run({
      importId: 'a',
      stateAt: known.stateAt,
      connection: { kind: 'reconnecting', since: FIXTURE_TIME + 2_000 },
      upload: { ...sentUpload, phase: 'retrying', sentBytes: SENT, retryAt: null },
      state: receiving,
    }),
  'run-sent-again': () =>
    run({
      importId: 'a',
      stateAt: known.stateAt,
      upload: { ...sentUpload, phase: 'sending', sentBytes: 300_000 },
      state: { ...failedState, undo: { ...undoing, reversed: 4_150, endedAt: endedState().endedAt } },
    }),
  'run-cancel-question': () => <Pressed testId="cancel">{run({ ...known, state: importState() })}</Pressed>,
  'run-cancel-question-uploading': () => (
    <Pressed testId="cancel">
      {run({ ...known, upload: { ...sentUpload, phase: 'sending', sentBytes: SENT }, state: receiving })}
    </Pressed>
  ),
  'run-cancel-unanswered': () =>
    run({
      ...known,
      connection: { kind: 'reconnecting', since: FIXTURE_TIME + 2_000 },
      upload: { ...sentUpload, phase: 'broken', sentBytes: SENT },
      state: receiving,
      cancelWaits: 'unanswered',
    }),
  'run-cancel-unanswered-unknown': () =>
    run({
      connection: { kind: 'reconnecting', since: FIXTURE_TIME },
      upload: { ...sentUpload, phase: 'broken' },
      cancelWaits: 'unanswered',
    }),
  'run-cancel-asked': () =>
    run({ upload: { ...sentUpload, phase: 'broken', sentBytes: 300_000 }, cancelWaits: 'asked' }),
  'run-uploading-unknown': () => run({ upload: { ...sentUpload, phase: 'sending', sentBytes: 300_000 } }),
  'run-cancelling': () => run({ ...known, state: importState({ status: 'cancelling' }) }),
  'run-waiting': () => run({ connection: { kind: 'reconnecting', since: FIXTURE_TIME } }),
  'run-refused': () => run({ upload: { ...sentUpload, phase: 'broken' }, problem: refused }),
  'run-broken': () => run({ upload: { ...sentUpload, phase: 'broken' }, problem: brokenUploadProblem() }),
  'run-long-name': () =>
    run({
      ...known,
      state: importState({
        fileName: `"><img src=x onerror=alert(1)>${'very-long-'.repeat(12)}.csv`,
      }),
    }),
};
