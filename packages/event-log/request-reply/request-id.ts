/** The id of a request: a UUIDv8 that says when the request was sent and in which partition its reply will stand. */
import { randomBytes } from 'node:crypto';

export interface RequestPlace {
  /** Milliseconds since 1970, by the requester's clock. */
  readonly sentAt: number;
  /** Of the topic of replies: 0 to 999. */
  readonly partition: number;
}

const pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** 48 bits of time, 12 bits of partition and 62 random bits. */
export function newRequestId({ sentAt, partition }: RequestPlace): string {
  const random = randomBytes(8);
  random.writeUInt8((random.readUInt8(0) & 0x3f) | 0x80, 0);
  const time = sentAt.toString(16).padStart(12, '0');
  const place = partition.toString(16).padStart(3, '0');
  const rest = random.toString('hex');
  return `${time.slice(0, 8)}-${time.slice(8)}-8${place}-${rest.slice(0, 4)}-${rest.slice(4)}`;
}

/** null where the text is no id of a request. */
export function decodeRequestId(requestId: string): RequestPlace | null {
  if (!pattern.test(requestId)) return null;
  return {
    sentAt: Number.parseInt(requestId.slice(0, 8) + requestId.slice(9, 13), 16),
    partition: Number.parseInt(requestId.slice(15, 18), 16),
  };
}
