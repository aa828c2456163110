/**
 * Which channel tokens of an owner are no longer valid. Each revocation is a record of a compacted topic, and its offset there
 * is the owner's epoch from then on. The epoch rises with every revocation, whichever process makes it, and needs no clock. A token
 * names the epoch in which it was made. Every process that has read the record refuses tokens of earlier epochs.
 */
import { OWNER_TOKENS_REVOKED_TYPE, type RevokedTokens } from '@tidings/contracts/owners/owners.ts';
import { createEvent, encodeEvent } from '@tidings/contracts/schemas/event.ts';
import { topics } from '@tidings/contracts/topics.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { openTable } from '@tidings/event-log/table.ts';

/** What is known of an owner whose tokens were revoked. */
export interface Revocation {
  readonly epoch: number;
  /** Milliseconds since 1970, by the log's clock. */
  readonly at: number;
}

export interface Revocations {
  /** The newest one; undefined where there is none. */
  get(owner: string): Revocation | undefined;
  /** Calls the listener for each revocation as it becomes known. Returns the function that ends this. */
  onRevoked(listener: (owner: string) => void): () => void;
}

export interface OwnerTokens extends Revocations {
  /** Resolves when the revocation is durable; every process reads it a moment later. */
  revoke(owner: string): Promise<void>;
  close(): Promise<void>;
}

/** No revocations, for an installation that cannot revoke. */
export const noRevocations: Revocations = {
  get: () => undefined,
  onRevoked: () => () => undefined,
};

/** Resolves when all revocations are known. The topic must exist. */
export async function openOwnerTokens(log: EventLog): Promise<OwnerTokens> {
  const table = await openTable<Revocation>({
    log,
    topic: topics.ownerTokens,
    // Offsets begin at 0, and so does the epoch before the first revocation.
    decode: ({ offset, timestamp }) => ({ epoch: offset + 1, at: timestamp }),
  });
  return {
    get: (owner) => table.get(owner),
    onRevoked: (listener) => table.onChange((owner) => listener(owner)),
    async revoke(owner) {
      const data: RevokedTokens = { owner };
      const event = createEvent({ type: OWNER_TOKENS_REVOKED_TYPE, subject: owner, data });
      await log.append([{ topic: topics.ownerTokens, key: owner, value: encodeEvent(event) }]);
    },
    close: () => table.close(),
  };
}
