import type { RecordHeaders } from '../event-log.ts';

/** Where the bytes of a value stand in the segment files. */
export interface SegmentReference {
  readonly segment: number;
  readonly position: number;
  readonly length: number;
}

/** A record in the index: with its value, unless the value stands in a segment. */
export interface StoredRecord {
  readonly key: string;
  readonly headers: RecordHeaders;
  readonly timestamp: number;
  readonly value: Uint8Array | null;
  readonly reference: SegmentReference | null;
}

const kinds = { tombstone: 0, inline: 1, segment: 2 } as const;
const fixedBytes = 15;
const referenceBytes = 12;
const noHeaders: RecordHeaders = Object.freeze({});

/**
 * kind (1 byte), timestamp (8, double), length of key (2), length of headers (4), key, headers as JSON (nothing when
 * there are none), then the value, or segment, position and length (4 bytes each). Big endian.
 */
export function encodeRecord(record: StoredRecord): Buffer {
  const key = Buffer.from(record.key, 'utf8');
  const headers = encodeHeaders(record.headers);
  const { reference, value } = record;
  const tail = reference ? referenceBytes : (value?.byteLength ?? 0);
  const bytes = Buffer.allocUnsafe(fixedBytes + key.length + headers.length + tail);
  bytes.writeUInt8(reference ? kinds.segment : value ? kinds.inline : kinds.tombstone, 0);
  bytes.writeDoubleBE(record.timestamp, 1);
  bytes.writeUInt16BE(key.length, 9);
  bytes.writeUInt32BE(headers.length, 11);
  bytes.set(key, fixedBytes);
  bytes.set(headers, fixedBytes + key.length);
  const end = fixedBytes + key.length + headers.length;
  if (reference) {
    bytes.writeUInt32BE(reference.segment, end);
    bytes.writeUInt32BE(reference.position, end + 4);
    bytes.writeUInt32BE(reference.length, end + 8);
  } else if (value) {
    bytes.set(value, end);
  }
  return bytes;
}

export function decodeRecord(bytes: Buffer): StoredRecord {
  const kind = bytes.readUInt8(0);
  const headersStart = fixedBytes + bytes.readUInt16BE(9);
  const end = headersStart + bytes.readUInt32BE(11);
  return {
    key: bytes.toString('utf8', fixedBytes, headersStart),
    headers: end === headersStart ? noHeaders : JSON.parse(bytes.toString('utf8', headersStart, end)),
    timestamp: bytes.readDoubleBE(1),
    value: kind === kinds.inline ? bytes.subarray(end) : null,
    reference:
      kind === kinds.segment
        ? {
            segment: bytes.readUInt32BE(end),
            position: bytes.readUInt32BE(end + 4),
            length: bytes.readUInt32BE(end + 8),
          }
        : null,
  };
}

/** The bytes of a record's key and headers; each must fit its length field. */
export function encodeHeaders(headers: RecordHeaders): Buffer {
  for (const _ in headers) return Buffer.from(JSON.stringify(headers), 'utf8');
  return Buffer.alloc(0);
}
