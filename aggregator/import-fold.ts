/** The state that the fold works on: `FoldedImport` with its sets of chunks unpacked. */
import type { FoldedImport } from '@tidings/contracts/folded-import.ts';
import { decodeFoldedImport, encodeFoldedImport } from '@tidings/contracts/schemas/folded-import.ts';
import { ChunkSet } from './chunk-set.ts';

export interface ImportFold
  extends Readonly<Omit<FoldedImport, 'reportedChunks' | 'expectedChunks' | 'samples'>> {
  /** Chunks that have reported. */
  readonly reported: ChunkSet;
  /** Chunks that must report before the import can end; null while the upload runs. */
  readonly expected: ChunkSet | null;
  readonly samples: readonly FoldedImport['samples'][number][];
}

export function encodeImportFold({ reported, expected, samples, ...rest }: ImportFold): Uint8Array {
  return encodeFoldedImport({
    ...rest,
    samples: [...samples],
    reportedChunks: reported.toBase64(),
    expectedChunks: expected?.toBase64() ?? null,
  });
}

/** @throws SyntaxError or ZodError for a value that no version has written */
export function decodeImportFold(value: Uint8Array): ImportFold {
  const { reportedChunks, expectedChunks, ...rest } = decodeFoldedImport(value);
  return {
    ...rest,
    reported: ChunkSet.fromBase64(reportedChunks),
    expected: expectedChunks === null ? null : ChunkSet.fromBase64(expectedChunks),
  };
}
