/** The state that the fold works on: `FoldedImport` with its sets of chunks unpacked. */
import type { FoldedImport } from '@tidings/contracts/imports/folded-import.ts';
import { type BucketCounts, buckets, type ImportState, noRows } from '@tidings/contracts/imports/import.ts';
import { decodeFoldedImport, encodeFoldedImport } from '@tidings/contracts/schemas/imports/folded-import.ts';
import { ChunkSet } from './chunk-set.ts';
import { publishedRows } from './published-rows.ts';

type PackedChunks =
  | 'reportedChunks'
  | 'expectedChunks'
  | 'failedChunks'
  | 'lostChunks'
  | 'uncountedChunks'
  | 'takenBackChunks'
  | 'awaitedChunks';
type Packed = PackedChunks | 'retrying' | 'samples';

export interface ImportFold extends Readonly<Omit<FoldedImport, Packed>> {
  /** Chunks that have reported. */
  readonly reported: ChunkSet;
  /** Chunks that must report before the import can end; null while the upload runs. */
  readonly expected: ChunkSet | null;
  /** Of the reported ones: those that failed. */
  readonly failed: ChunkSet;
  /** Of the failed ones: those that were lost, and never reported. */
  readonly lost: ChunkSet;
  /** Of the lost ones: those whose rows nobody knows. They are in no sum. */
  readonly uncounted: ChunkSet;
  /** Chunks whose failed report was taken back and whose next one has not come; `takenBackRows` are their rows. */
  readonly takenBack: ChunkSet;
  /** Chunks that are known to report later. */
  readonly awaited: ChunkSet;
  readonly retrying: readonly FoldedImport['retrying'][number][];
  readonly samples: readonly FoldedImport['samples'][number][];
}

export function withState(current: ImportFold, state: Partial<ImportState>): ImportFold {
  return { ...current, state: { ...current.state, ...state } };
}

/** The import with the rows added to its totals, and shown. */
export function addRows(current: ImportFold, delta: Partial<BucketCounts>): ImportFold {
  const totals = noRows();
  for (const bucket of buckets) totals[bucket] = current.totals[bucket] + (delta[bucket] ?? 0);
  const { total } = current.state.rows;
  return { ...withState(current, { rows: { total, ...publishedRows(totals) } }), totals };
}

export function encodeImportFold(folded: ImportFold): Uint8Array {
  const { reported, expected, failed, lost, uncounted, takenBack, awaited, ...others } = folded;
  const { retrying, samples, ...rest } = others;
  return encodeFoldedImport({
    ...rest,
    retrying: [...retrying],
    samples: [...samples],
    reportedChunks: reported.toBase64(),
    expectedChunks: expected?.toBase64() ?? null,
    failedChunks: failed.toBase64(),
    lostChunks: lost.toBase64(),
    uncountedChunks: uncounted.toBase64(),
    takenBackChunks: takenBack.toBase64(),
    awaitedChunks: awaited.toBase64(),
  });
}

/** @throws SyntaxError or ZodError for a value that no version has written */
export function decodeImportFold(value: Uint8Array): ImportFold {
  return unpackImport(decodeFoldedImport(value));
}

export function unpackImport(folded: FoldedImport): ImportFold {
  const {
    reportedChunks,
    expectedChunks,
    failedChunks,
    lostChunks,
    uncountedChunks,
    takenBackChunks,
    awaitedChunks,
    ...rest
  } = folded;
  return {
    ...rest,
    reported: ChunkSet.fromBase64(reportedChunks),
    expected: expectedChunks === null ? null : ChunkSet.fromBase64(expectedChunks),
    failed: ChunkSet.fromBase64(failedChunks),
    lost: ChunkSet.fromBase64(lostChunks),
    uncounted: ChunkSet.fromBase64(uncountedChunks),
    takenBack: ChunkSet.fromBase64(takenBackChunks),
    awaited: ChunkSet.fromBase64(awaitedChunks),
  };
}
