/**
 * The id by which a caller knows its request: the id on the log, the deadline, and two tags. The second tag shows whose request it is. So
 * any instance can tell, without a table, whether it may answer and whether the answer may still come.
 */
import { createHash } from 'node:crypto';
import type { Tags } from '@tidings/service-kit/access/tags.ts';

export interface KnownRequest {
  /** The id of the request on the log. */
  readonly requestId: string;
  /** Milliseconds since 1970. */
  readonly deadline: number;
}

const ID = /^([0-9a-f-]{36})\.([0-9a-z]{1,11})\.([\w-]{16})([\w-]{16})$/;
const PURPOSE = 'request';

/** Stands for an owner, whose name may be long: 22 characters of base64url. @param owner null: whoever has the API key or the support token */
export function ownerKey(owner: string | null): string {
  return shortHash(owner);
}

/** Stands for whoever has one share of what is bounded, in as many characters. */
export function callerKey(caller: string): string {
  return shortHash(caller);
}

function shortHash(value: string | null): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 22);
}

/** @param key as `ownerKey` makes it */
export function publicRequestId(tags: Tags, { requestId, deadline }: KnownRequest, key: string): string {
  const text = `${requestId}.${deadline.toString(36)}`;
  return `${text}.${tags.make(PURPOSE, text)}${tags.make(PURPOSE, ownedBy(text, key))}`;
}

/** null where the id is none of ours, or the request is somebody else's. @param owner null may see all */
export function readRequestId(tags: Tags, id: string, owner: string | null): KnownRequest | null {
  const [, requestId = '', end = '', tag = '', ownerTag = ''] = ID.exec(id) ?? [];
  const text = `${requestId}.${end}`;
  if (!tags.isOurs(PURPOSE, text, tag)) return null;
  if (owner !== null && !tags.isOurs(PURPOSE, ownedBy(text, ownerKey(owner)), ownerTag)) return null;
  return { requestId, deadline: Number.parseInt(end, 36) };
}

function ownedBy(text: string, key: string): string {
  return JSON.stringify([text, key]);
}
