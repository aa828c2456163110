import { version } from 'uuid';

/** When the id was made, in milliseconds since 1970; null for one that tells no time (RFC 9562: only UUIDv7 does, in its first 48 bits). */
export function timeOfUuid(id: string): number | null {
  return version(id) === 7 ? Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16) : null;
}
