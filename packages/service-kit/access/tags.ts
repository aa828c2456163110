/** Tags of texts that we hand out and get back: only who knows one of our secrets can make them. */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** 96 bits: whoever guesses one must ask a server for each guess. */
const TAG_BYTES = 12;

export interface Tags {
  /** 16 characters of base64url. @param purpose keeps the tags of one kind of text from those of another */
  make(purpose: string, text: string): string;
  /** Whether one of the secrets made the tag. */
  isOurs(purpose: string, text: string, tag: string): boolean;
}

/** @param secrets the first makes tags, all of them prove tags */
export function createTags(secrets: readonly [string, ...string[]]): Tags {
  const deriveKey = (secret: string) => createHmac('sha256', secret).update('tidings tag').digest();
  const making = deriveKey(secrets[0]);
  const keys = secrets.map(deriveKey);
  return {
    make: (purpose, text) => tagOf(making, purpose, text).toString('base64url'),
    isOurs(purpose, text, tag) {
      const given = Buffer.from(tag, 'base64url');
      return (
        given.length === TAG_BYTES && keys.some((key) => timingSafeEqual(given, tagOf(key, purpose, text)))
      );
    },
  };
}

function tagOf(key: Buffer, purpose: string, text: string): Buffer {
  const words = JSON.stringify([purpose, text]);
  return createHmac('sha256', key).update(words).digest().subarray(0, TAG_BYTES);
}
