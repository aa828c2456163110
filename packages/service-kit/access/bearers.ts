/** Bearers of valid tokens: who they are, and what they may do. */
import { SUPPORT_CHANNEL } from '@tidings/contracts/notifications/notification.ts';
import { Problem } from '../http/problem.ts';

/** Whose a channel is. */
export interface ChannelOwner {
  readonly owner: string;
  /** The owner's epoch when the first token of the channel was made; see `owner-tokens.ts`. */
  readonly epoch: number;
  /** Milliseconds since 1970: no token of this channel is valid longer. null: renewed as long as it is used. */
  readonly renewUntil: number | null;
}

export interface ChannelBearer extends ChannelOwner {
  readonly kind: 'channel';
  readonly channelId: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** A person, or support: reads and changes what belongs to the channel, to its owner, or to all. */
export type Bearer = ChannelBearer | SupportBearer;

export interface SupportBearer {
  readonly kind: 'support';
  /** Of a session, milliseconds since 1970; absent where the support token itself came. */
  readonly expiresAt?: number;
}

/** A service that notifies channels: those of an owner, one channel, or, with the API key, all; then both fields are null. */
export interface PublisherBearer {
  readonly kind: 'publisher';
  readonly owner: string | null;
  readonly channelId: string | null;
}

/** What a valid bearer token lets its bearer do. */
export type AnyBearer = Bearer | PublisherBearer;

/** What a publisher token is for. */
export type PublisherScope = { readonly owner: string } | { readonly channelId: string };

/** Whether a bearer may see and use what belongs to a channel and its owner. */
export function mayUse(bearer: AnyBearer, resource: { channelId?: string; owner: string }): boolean {
  if (bearer.kind === 'publisher') return false;
  return (
    bearer.kind === 'support' || bearer.owner === resource.owner || bearer.channelId === resource.channelId
  );
}

/** Whether a bearer may listen to a channel: its own token, or support on the support channel. */
export function mayListen(bearer: AnyBearer, channelId: string): boolean {
  if (bearer.kind === 'publisher') return false;
  return bearer.kind === 'support' ? channelId === SUPPORT_CHANNEL : bearer.channelId === channelId;
}

/**
 * The token of an `Authorization: Bearer` header (RFC 6750).
 * @throws Problem token_missing, token_invalid
 */
export function bearerToken(authorization: string | undefined): string {
  if (authorization === undefined)
    throw new Problem('token_missing', 'Send the token as `Authorization: Bearer …`.');
  const match = /^Bearer +([^\s]+) *$/i.exec(authorization);
  if (match?.[1] === undefined)
    throw new Problem('token_invalid', 'The Authorization header is not of the form `Bearer <token>`.');
  return match[1];
}

/** The problem for a token that was taken back. */
export function revoked(): Problem {
  return new Problem('token_invalid', 'The token was taken back; sign in again.');
}
