/** Reads the projection of an earlier release, which kept the state of an import alone. */
import { importStateSchema } from '@tidings/contracts/schemas/imports/import.ts';

/** Of the state, what stays the same in every version. */
const shownParts = importStateSchema.pick({ importId: true, rows: true, chunks: true });
/** The version of the folded form that those releases had. */
const ITS_VERSION = 2;

/**
 * What the log had kept of an import that ended so. All of its chunks had reported, and no bucket of an ended import is negative.
 * @param uploadId of its chunks; null where it has none
 * @returns an import of version 2, as JSON
 */
export function foldedFromState(owner: string, json: object, uploadId: string | null): object {
  const { importId, rows, chunks } = shownParts.parse(json);
  const { total: _total, ...totals } = rows;
  const everyChunk = firstBits(chunks.total ?? 0);
  return {
    schemaVersion: ITS_VERSION,
    owner,
    uploadId: uploadId ?? importId,
    // The commands that led here are forgotten: the import begins a tree and a trace of its own.
    cause: { eventId: importId, correlationId: importId, traceparent: traceOf(importId), owner },
    state: json,
    totals,
    reportedChunks: everyChunk,
    expectedChunks: everyChunk,
    samples: [],
  };
}

/** A bitmap in base64 whose first bits are set: bit n of byte n/8 is chunk n. */
function firstBits(count: number): string {
  const bytes = Buffer.alloc(Math.ceil(count / 8), 0xff);
  if (count % 8 !== 0) bytes[bytes.length - 1] = 2 ** (count % 8) - 1;
  return bytes.toString('base64');
}

/** W3C Trace Context. */
function traceOf(importId: string): string {
  const digits = importId.replaceAll('-', '');
  return `00-${digits}-${digits.slice(-16)}-01`;
}
