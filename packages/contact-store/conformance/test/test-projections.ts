/** For tests: an import as the log kept it at its end. */
import type { FoldedImport } from '@tidings/contracts/imports/folded-import.ts';
import { type ImportState, noRows } from '@tidings/contracts/imports/import.ts';
import { newId, type TestImport } from './test-imports.ts';

export function foldedOf(
  { importId, uploadId, owner }: TestImport,
  changes: Partial<ImportState> = {},
): FoldedImport {
  const state: ImportState = {
    importId,
    channelId: 'channel',
    version: 1,
    status: 'completed',
    upload: 'sealed',
    uploadError: null,
    fileName: 'contacts\0"><img>.csv',
    clientReference: null,
    rows: { total: 0, ...noRows() },
    warnings: 0,
    chunks: { total: 0, completed: 0, failed: 0 },
    blankRows: 0,
    bytes: 10,
    rowsPerSecond: 0,
    acceptedAt: '2026-01-01T00:00:00.000Z',
    sealedAt: null,
    endedAt: null,
    reconciled: true,
    autoUndo: false,
    dryRun: false,
    mends: null,
    mendedBy: [],
    waitingFor: null,
    undo: null,
    ...changes,
  };
  const cause = {
    eventId: newId(),
    correlationId: newId(),
    traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`,
  };
  const totals = { ...noRows(), created: 3, updated: -1 };
  return {
    owner,
    uploadId,
    cause,
    state,
    heartbeat: { number: 2, at: 1_000_000 },
    firstWork: { express: { partition: 0, offset: 7 }, bulk: null },
    totals,
    reportedChunks: 'Aw==',
    expectedChunks: 'Bw==',
    failedChunks: 'AQ==',
    lostChunks: '',
    uncountedChunks: '',
    takenBackChunks: '',
    takenBackRows: 0,
    awaitedChunks: '',
    retrying: [],
    undo: null,
    samples: [],
  };
}
