/** What the commands of an upload change: the first one, heartbeats, and the ends. */
import { type ImportState, noRows } from '@tidings/contracts/imports/import.ts';
import type { ImportCommandData } from '@tidings/contracts/imports/import-commands.ts';
import { waitForPart } from '@tidings/contracts/imports/waiting-for.ts';
import { ChunkSet } from '../state/chunk-set.ts';
import { type ImportFold, withState } from '../state/import-fold.ts';
import type { LoggedCommand } from './logged-command.ts';
import { nextUpload, type UploadCommandType } from './states.ts';

/** The import as its first attempt, or its next one, begins it. */
export function accept(logged: LoggedCommand, data: ImportCommandData['import.accepted']): ImportFold {
  return {
    owner: data.owner,
    uploadId: data.uploadId,
    cause: logged.cause,
    heartbeat: { number: 0, at: logged.timestamp },
    firstWork: { express: null, bulk: null },
    totals: noRows(),
    reported: ChunkSet.empty,
    expected: null,
    failed: ChunkSet.empty,
    lost: ChunkSet.empty,
    uncounted: ChunkSet.empty,
    takenBack: ChunkSet.empty,
    takenBackRows: 0,
    awaited: ChunkSet.empty,
    retrying: [],
    undo: null,
    samples: [{ at: logged.timestamp, rows: 0 }],
    state: {
      importId: logged.importId,
      channelId: data.channelId,
      version: logged.offset,
      status: 'accepted',
      upload: 'receiving',
      uploadError: null,
      fileName: data.fileName,
      clientReference: data.clientReference,
      rows: { total: null, ...noRows() },
      warnings: 0,
      blankRows: 0,
      chunks: { total: null, completed: 0, failed: 0 },
      bytes: 0,
      rowsPerSecond: 0,
      acceptedAt: new Date(logged.timestamp).toISOString(),
      sealedAt: null,
      endedAt: null,
      reconciled: null,
      autoUndo: data.autoUndo,
      dryRun: data.dryRun ?? false,
      mends: data.mends ?? null,
      mendedBy: [],
      waitingFor: waitForPart('upload'),
      undo: null,
      movedAt: new Date(logged.timestamp).toISOString(),
    },
  };
}

/**
 * The next attempt to upload the file of an import that broke off; null for one that must wait. The contact store takes chunks
 * of the attempt with the greatest id alone, so an attempt with a smaller id would come to nothing.
 */
export function acceptNext(
  current: ImportFold,
  logged: LoggedCommand,
  data: ImportCommandData['import.accepted'],
): ImportFold | null {
  const mayBegin =
    current.state.upload === 'aborted' && !current.undo?.running && data.uploadId > current.uploadId;
  return mayBegin ? accept(logged, data) : null;
}

export function heartbeat(
  current: ImportFold,
  logged: LoggedCommand,
  { number, bytes, firstWork }: ImportCommandData['upload.heartbeat'],
): ImportFold | null {
  if (number <= current.heartbeat.number) return null;
  const beaten = changeUpload(current, 'upload.heartbeat', { bytes });
  return (
    beaten && {
      ...beaten,
      heartbeat: { number, at: logged.timestamp },
      firstWork: firstWork ?? current.firstWork,
    }
  );
}

export function seal(
  current: ImportFold,
  logged: LoggedCommand,
  data: ImportCommandData['upload.sealed'],
): ImportFold | null {
  const sealed = changeUpload(current, 'upload.sealed', {
    bytes: data.bytes,
    sealedAt: new Date(logged.timestamp).toISOString(),
    rows: { ...current.state.rows, total: data.rows },
    blankRows: data.blankRows ?? 0,
    chunks: { ...current.state.chunks, total: data.chunks },
  });
  return (
    sealed && {
      ...sealed,
      expected: ChunkSet.below(data.chunks),
      firstWork: data.firstWork ?? current.firstWork,
    }
  );
}

export function abort(
  current: ImportFold,
  { error, chunks, bytes }: ImportCommandData['upload.aborted'],
): ImportFold | null {
  const known = 'count' in chunks ? chunks : null;
  const aborted = changeUpload(current, 'upload.aborted', {
    uploadError: error,
    bytes: Math.max(bytes, current.state.bytes),
    rows: { ...current.state.rows, total: known?.rows ?? null },
    chunks: { ...current.state.chunks, total: known?.count ?? null },
  });
  const expected = 'count' in chunks ? ChunkSet.below(chunks.count) : onLog(current, chunks.pending);
  return aborted && { ...aborted, expected };
}

/** null also for an end that a heartbeat has overtaken: the upload lives. */
export function expire(
  current: ImportFold,
  { heartbeat: newest, pending }: ImportCommandData['upload.expired'],
): ImportFold | null {
  if (newest < current.heartbeat.number) return null;
  const expired = changeUpload(current, 'upload.expired', { uploadError: 'expired' });
  return expired && { ...expired, expected: onLog(current, pending) };
}

/** The chunks that are on the log, where the receiver cannot tell. Retries and requeued chunks stand where nobody has looked. */
function onLog({ reported, awaited }: ImportFold, pending: readonly number[]): ChunkSet {
  return reported.with(...awaited).with(...pending);
}

function changeUpload(
  current: ImportFold,
  type: UploadCommandType,
  state: Partial<ImportState>,
): ImportFold | null {
  const upload = nextUpload[current.state.upload][type];
  return upload && withState(current, { ...state, upload });
}
