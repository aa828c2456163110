/**
 * Encrypts the secrets of endpoints by AES-256-GCM, under a key from `AUTH_SECRET`. Signing needs the secret itself, so a hash will not do; and
 * the log is read by more people and programs than may sign in our name.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export interface SealedSecrets {
  seal(secret: string): string;
  /** null where none of our keys has sealed it: `AUTH_SECRET` was changed twice since. */
  open(sealed: string): string | null;
}

/** @param authSecrets the first seals, all of them open */
export function createSealedSecrets(authSecrets: readonly [string, ...string[]]): SealedSecrets {
  const deriveKey = (secret: string) =>
    Buffer.from(hkdfSync('sha256', secret, '', 'tidings webhook secret', 32));
  const sealing = deriveKey(authSecrets[0]);
  const keys = authSecrets.map(deriveKey);
  return {
    seal(secret) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', sealing, nonce);
      const bytes = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), bytes]).toString('base64');
    },
    open(sealed) {
      for (const key of keys) {
        const secret = decrypt(key, Buffer.from(sealed, 'base64'));
        if (secret !== null) return secret;
      }
      return null;
    },
  };
}

function decrypt(key: Buffer, bytes: Buffer): string | null {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES));
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    const secret = decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES));
    return Buffer.concat([secret, decipher.final()]).toString('utf8');
  } catch {
    return null;
  }
}
