import { hashedUuid } from '@tidings/service-kit/process/hashed-uuid.ts';

/** The same owner and `Idempotency-Key` always name the same import. */
export function importIdOfKey(owner: string, key: string): string {
  return hashedUuid(owner, key);
}
