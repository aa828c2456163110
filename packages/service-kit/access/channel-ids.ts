/**
 * Channel ids that prove themselves, so that no registry of channels is needed, and none can be lost. An id holds 16 random bytes, a tag that shows
 * that we have made it, and a tag that shows for which owner, as 36 characters of base64url.
 */
import { createHmac, createSecretKey, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto';

const RANDOM_BYTES = 16;
/** Ids whose random bytes are drawn at once: that costs hardly more than those of one. */
const DRAWN_AT_ONCE = 128;
const TAG_BYTES = 6;
/** Who guesses it must hold the id of a foreign channel already, and ask a server for each guess. */
const OWNER_TAG_BYTES = 5;
/** The bytes fill the characters exactly, so that no two texts are the same id. */
const CHANNEL_ID = /^[\w-]{36}$/;

export interface ChannelIds {
  make(owner: string): string;
  /** Whether the id was made by one of the secrets. */
  isOurs(channelId: string): boolean;
  /** Whether it was also made for that owner. */
  isOf(channelId: string, owner: string): boolean;
}

/** @param secrets the first makes ids, all of them prove ids */
export function createChannelIds(secrets: readonly [string, ...string[]]): ChannelIds {
  const deriveKey = (secret: string) =>
    createSecretKey(createHmac('sha256', secret).update('tidings channel id').digest());
  const making = deriveKey(secrets[0]);
  const keys = secrets.map(deriveKey);
  let drawn = Buffer.alloc(0);
  const drawRandom = () => {
    if (drawn.length === 0) drawn = randomBytes(RANDOM_BYTES * DRAWN_AT_ONCE);
    const random = drawn.subarray(0, RANDOM_BYTES);
    drawn = drawn.subarray(RANDOM_BYTES);
    return random;
  };
  const proves = (channelId: string, proof: (key: KeyObject, parts: IdParts) => boolean) => {
    if (!CHANNEL_ID.test(channelId)) return false;
    const parts = partsOf(channelId);
    return keys.some((key) => proof(key, parts));
  };
  return {
    make(owner) {
      const random = drawRandom();
      return Buffer.concat([random, tagOf(making, random), ownerTagOf(making, random, owner)]).toString(
        'base64url',
      );
    },
    isOurs: (channelId) => proves(channelId, isTagged),
    isOf: (channelId, owner) =>
      proves(
        channelId,
        (key, parts) =>
          isTagged(key, parts) && timingSafeEqual(parts.ownerTag, ownerTagOf(key, parts.random, owner)),
      ),
  };
}

interface IdParts {
  readonly random: Buffer;
  readonly tag: Buffer;
  readonly ownerTag: Buffer;
}

function partsOf(channelId: string): IdParts {
  const bytes = Buffer.from(channelId, 'base64url');
  return {
    random: bytes.subarray(0, RANDOM_BYTES),
    tag: bytes.subarray(RANDOM_BYTES, RANDOM_BYTES + TAG_BYTES),
    ownerTag: bytes.subarray(RANDOM_BYTES + TAG_BYTES),
  };
}

function isTagged(key: KeyObject, { random, tag }: IdParts): boolean {
  return timingSafeEqual(tag, tagOf(key, random));
}

function tagOf(key: KeyObject, random: Buffer): Buffer {
  return createHmac('sha256', key).update(random).digest().subarray(0, TAG_BYTES);
}

function ownerTagOf(key: KeyObject, random: Buffer, owner: string): Buffer {
  return createHmac('sha256', key).update(random).update(owner).digest().subarray(0, OWNER_TAG_BYTES);
}
