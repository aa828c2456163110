/** What the log keeps of owners, on compacted topics. */

/** The type of the events of `topics.ownerTokens`. The record's offset is the owner's epoch. */
export const OWNER_TOKENS_REVOKED_TYPE = 'owner.tokens_revoked';
/** The type of the events of `topics.ownerChannels`; a tombstone ends the listing of a channel. */
export const OWNER_CHANNEL_CREATED_TYPE = 'owner.channel_created';

export interface RevokedTokens {
  owner: string;
}

export interface OwnerChannel {
  owner: string;
  channelId: string;
  /** ISO 8601, UTC. */
  createdAt: string;
}
