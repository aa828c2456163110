/**
 * Which channel tokens of an owner are valid no longer. Each revocation is a record of a compacted topic, and its offset there
 * is the owner's epoch from then on: it rises with every revocation, whoever makes it, and needs nobody's clock. A token
 * names the epoch that it was made in; one of an earlier epoch is refused by every process that has read the record.
 */
import { createEvent, encodeEvent } from '@tidings/contracts/schemas/event.ts';
import { topics } from '@tidings/contracts/topics.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { openTable } from '@tidings/event-log/table.ts';

const REVOKED_TYPE = 'owner.tokens_revoked';

/** What is known of an owner whose tokens were revoked. */
export interface Revocation {
  readonly epoch: number;
  /** Milliseconds since 1970, by the log's clock. */
  readonly at: number;
}

export interface Revocations {
  /** The newest one; undefined where there is none. */
  get(owner: string): Revocation | undefined;
  /** Told of each one as it becomes known. Returns what ends it. */
  onRevoked(listener: (owner: string) => void): () => void;
}

export interface OwnerTokens extends Revocations {
  /** Resolves when it is kept; every process knows it a moment later. */
  revoke(owner: string): Promise<void>;
  close(): Promise<void>;
}

/** Where nothing can be revoked. */
export const noRevocations: Revocations = {
  get: () => undefined,
  onRevoked: () => () => undefined,
};

/** Resolves when all revocations are known. The topic has to be there. */
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
      const event = createEvent({ type: REVOKED_TYPE, subject: owner, data: { owner } });
      await log.append([{ topic: topics.ownerTokens, key: owner, value: encodeEvent(event) }]);
    },
    close: () => table.close(),
  };
}
