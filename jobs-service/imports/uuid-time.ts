import { v7 as uuidv7, version } from 'uuid';

/** When the id was made, in milliseconds since 1970; null for one that tells no time (RFC 9562: only UUIDv7 does, in its first 48 bits). */
export function timeOfUuid(id: string): number | null {
  return version(id) === 7 ? Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16) : null;
}

/** A new id that is greater than `former`, though a clock was ahead by which that one was made. @param former null: any id will do */
export function uuidAfter(former: string | null): string {
  const id = uuidv7();
  const formerMs = former === null ? null : timeOfUuid(former);
  return former === null || formerMs === null || id > former ? id : uuidv7({ msecs: formerMs + 1 });
}
