/** Ids that follow from what they name, so that whoever does the same again gets the same id. */
import { createHash } from 'node:crypto';

/** A UUID of version 8 from the hash of the parts; other parts, or the same in another order, give another one. */
export function hashedUuid(...parts: readonly (string | number | null)[]): string {
  const bytes = createHash('sha256').update(JSON.stringify(parts)).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
