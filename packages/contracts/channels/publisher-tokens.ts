/** Tokens of those who publish to channels. */

/** Seconds that a publisher token is valid, at most, and where the request does not say. */
export const MAX_PUBLISHER_TOKEN_SECONDS = 7 * 24 * 60 * 60;
export const DEFAULT_PUBLISHER_TOKEN_SECONDS = 24 * 60 * 60;

/** `POST /publisher-tokens`. */
export interface CreatedPublisherToken {
  token: string;
  /** ISO 8601, UTC. */
  expiresAt: string;
}
