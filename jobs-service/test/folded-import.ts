/** Imports as the aggregator leaves them in the log. */
import type { FoldedImport } from '@tidings/contracts/imports/folded-import.ts';
import { type ImportState, noRows } from '@tidings/contracts/imports/import.ts';
import { encodeFoldedImport } from '@tidings/contracts/schemas/imports/folded-import.ts';
import { topics } from '@tidings/contracts/topics.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { v7 as uuidv7 } from 'uuid';

/** By default the import is running, and no chunk of it has been reported. */
export function foldedImport(owner: string, state: Partial<ImportState> = {}): FoldedImport {
  const importId = state.importId ?? uuidv7();
  return {
    owner,
    uploadId: uuidv7(),
    cause: { eventId: importId, correlationId: importId, traceparent: '' },
    totals: noRows(),
    reportedChunks: '',
    expectedChunks: null,
    heartbeat: { number: 0, at: 0 },
    failedChunks: '',
    lostChunks: '',
    uncountedChunks: '',
    takenBackChunks: '',
    takenBackRows: 0,
    awaitedChunks: '',
    retrying: [],
    undo: null,
    firstWork: { express: null, bulk: null },
    samples: [],
    state: {
      importId,
      channelId: `channel of ${owner}`,
      version: 1,
      status: 'importing',
      upload: 'receiving',
      uploadError: null,
      fileName: 'a.csv',
      clientReference: null,
      rows: { total: null, ...noRows() },
      warnings: 0,
      chunks: { total: null, completed: 0, failed: 0 },
      blankRows: 0,
      bytes: 10,
      rowsPerSecond: 0,
      acceptedAt: new Date().toISOString(),
      sealedAt: null,
      endedAt: null,
      reconciled: null,
      autoUndo: true,
      dryRun: false,
      mends: null,
      mendedBy: [],
      waitingFor: null,
      undo: null,
      ...state,
    },
  };
}

/** The state of an import without rows that has ended. */
export const ended = {
  version: 7,
  status: 'completed',
  upload: 'sealed',
  rows: { total: 0, ...noRows() },
  chunks: { total: 0, completed: 0, failed: 0 },
  sealedAt: '2026-01-01T00:00:00.000Z',
  endedAt: '2026-01-01T00:00:01.000Z',
} as const satisfies Partial<ImportState>;

/** Resolves once the import stands in the log. */
export async function keep(log: EventLog, ...imports: readonly FoldedImport[]): Promise<void> {
  for (const folded of imports)
    await log.append([
      { topic: topics.state, key: folded.state.importId, value: encodeFoldedImport(folded) },
    ]);
}

/** As the aggregator does once the import is projected. */
export async function forget(log: EventLog, importId: string): Promise<void> {
  await log.append([{ topic: topics.state, key: importId, value: null }]);
}
