/** A live import as the log keeps it. */
import type { ImportRecord } from '@tidings/contracts/import-record.ts';
import { importRecordSchema } from '@tidings/contracts/schemas/import.ts';
import { ChunkSet } from './chunk-set.ts';
import type { LiveImport } from './fold.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function encodeLiveImport({ reported, expected, ...rest }: LiveImport): Uint8Array {
  const stored: ImportRecord = {
    ...rest,
    samples: [...rest.samples],
    reportedChunks: reported.toBase64(),
    expectedChunks: expected?.toBase64() ?? null,
  };
  return encoder.encode(JSON.stringify(stored));
}

export function decodeLiveImport(value: Uint8Array): LiveImport {
  const { reportedChunks, expectedChunks, ...rest } = importRecordSchema.parse(
    JSON.parse(decoder.decode(value)),
  );
  return {
    ...rest,
    reported: ChunkSet.fromBase64(reportedChunks),
    expected: expectedChunks === null ? null : ChunkSet.fromBase64(expectedChunks),
  };
}
