/** What the routes of channels answer. */

/** Seconds that a channel token is valid, at most; an open channel renews it after half of them. */
export const CHANNEL_TOKEN_SECONDS = 7 * 24 * 60 * 60;

export interface CreatedChannel {
  channelId: string;
  token: string;
  epoch: string;
  seq: number;
}

/** An item of `GET /channels`. */
export interface ListedChannel {
  channelId: string;
  token: string;
  /** ISO 8601, UTC. */
  createdAt: string;
}

/** `POST /channels/{id}/tickets`. A ticket is valid once. */
export interface CreatedTicket {
  ticket: string;
  /** ISO 8601, UTC. */
  expiresAt: string;
}

/** `POST /imports/{id}/channel-tokens`. */
export interface ChannelToken {
  /** Of the import. */
  channelId: string;
  token: string;
}
