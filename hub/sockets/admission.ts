/** Who may open which channel, and how often. */
import type { IncomingHttpHeaders } from 'node:http';
import { CHANNEL_TOKEN_SECONDS } from '@tidings/contracts/channels/channels.ts';
import { SUPPORT_CHANNEL } from '@tidings/contracts/notifications/notification.ts';
import type { OpenChannelRequest } from '@tidings/contracts/notifications/socket-events.ts';
import {
  type Bearer,
  type ChannelOwner,
  mayListen,
  type SupportBearer,
} from '@tidings/service-kit/access/bearers.ts';
import type { OwnerChannels } from '@tidings/service-kit/access/owner-channels.ts';
import { AtOnce, Quota } from '@tidings/service-kit/access/quota.ts';
import type { RequestRates } from '@tidings/service-kit/access/rates.ts';
import { channelTokenEnd, type TokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { DEFAULT_OWNER } from '@tidings/service-kit/access/user-tokens.ts';
import { notFound, Problem } from '@tidings/service-kit/http/problem.ts';
import { tokenGiven } from '@tidings/service-kit/http/support-session.ts';
import type { HubLimits } from '../limits.ts';

export interface Grant {
  readonly channelId: string;
  readonly token: string;
  /** What the next token needs; null for a token that never expires. */
  readonly renewal: Renewal | null;
}

export interface Renewal extends ChannelOwner {
  /** Milliseconds since 1970: when half of the token's life is over; infinite where the token cannot be renewed. */
  readonly dueAt: number;
  /** Milliseconds since 1970: when the token expires. */
  readonly expiresAt: number;
}

const HALF_LIFE_MS = (CHANNEL_TOKEN_SECONDS * 1000) / 2;

/** What grants channels, and counts them. */
export interface GrantParts {
  readonly tokens: TokenAuthority;
  readonly rates: RateLimits;
  /** Counts failed authentications. */
  readonly requestRates: RequestRates;
  readonly ownerChannels: OwnerChannels;
  readonly now: () => number;
}

/**
 * Grants a new channel to the owner that the site's login names. Only a valid token counts against the limits, so that a client
 * that shares its address with forgers gets its channel.
 * @param address by its `addressKey`
 * @throws Problem token_missing, token_invalid, token_expired, unavailable, rate_limited
 */
export async function grantNewChannel(
  { tokens, rates, requestRates, ownerChannels, now }: GrantParts,
  userToken: string | undefined,
  address: string,
): Promise<Grant> {
  const owner = await requestRates.verify(address, () => tokens.verifyOwner(userToken));
  await rates.countNewChannel(address, tokens.hasLogin ? owner.owner : null);
  const grant = await grantFor(tokens, tokens.newChannelId(owner.owner), owner, now());
  if (tokens.hasLogin) ownerChannels.addSoon(owner.owner, grant.channelId);
  return grant;
}

/**
 * Grants a new channel to the owner that a service names. Resolves when the owner can find the channel.
 * @param owner default the one owner, where nobody signs in
 * @throws Problem invalid_request, rate_limited, and the log's errors
 */
export async function grantServiceChannel(
  { tokens, rates, ownerChannels, now }: GrantParts,
  owner: string | undefined,
): Promise<Grant> {
  if (tokens.hasLogin && (owner === undefined || owner === DEFAULT_OWNER))
    throw new Problem('invalid_request', 'Say for whom: `owner` is the `sub` of a user token.', {
      field: 'owner',
    });
  const named = owner ?? DEFAULT_OWNER;
  if (named !== DEFAULT_OWNER) await rates.countOwnersChannel(named);
  const grant = await grantFor(tokens, tokens.newChannelId(named), tokens.ownerNamed(named), now());
  if (named !== DEFAULT_OWNER) await ownerChannels.add(named, grant.channelId);
  return grant;
}

/**
 * Grants the channel that the request's token is for, with a new token where the old one is past half of its life.
 * @param address by its `addressKey`
 * @param headers of the handshake, with the cookie of support's session
 * @throws Problem token_invalid, token_expired, rate_limited; not_found for a valid token of another channel
 */
export async function grantChannel(
  { tokens, rates, requestRates, now }: GrantParts,
  request: { channelId: string; token: string },
  address: string,
  headers: Pick<IncomingHttpHeaders, 'cookie'>,
): Promise<Grant> {
  // The answer names the session, and does not tell the page the session's token.
  const token = tokenGiven(request.token, headers);
  const bearer = await requestRates.verify(address, () => tokens.verifyBearer(token));
  if (!mayListen(bearer, request.channelId)) throw notFound();
  await rates.countOpen(address, request.channelId);
  if (bearer.kind === 'support')
    return { channelId: SUPPORT_CHANNEL, token: request.token, renewal: endOfSession(bearer) };
  if (bearer.kind !== 'channel') throw notFound();
  const renewal = renewalOf(bearer, bearer.expiresAt);
  if (renewal.dueAt <= now()) return grantFor(tokens, bearer.channelId, bearer, now());
  return { channelId: bearer.channelId, token: request.token, renewal };
}

/** A session ends with its time, and is not renewed. */
function endOfSession({ expiresAt }: SupportBearer): Renewal | null {
  if (expiresAt === undefined) return null;
  return { owner: '', epoch: 0, renewUntil: null, dueAt: Number.POSITIVE_INFINITY, expiresAt };
}

export interface GrantedTicket {
  /** @throws Problem token_invalid, token_expired */
  verify(): Promise<{ readonly bearer: Bearer; readonly id: string }>;
  /** Resolves once. @throws Problem token_invalid where the ticket was used before */
  use(id: string): Promise<void>;
}

/**
 * Grants the channel that a ticket is for. Its token stays with whoever asked for the ticket.
 * @param ticket is used up by the channel that it is for, and by no other
 * @throws Problem token_invalid, token_expired, rate_limited; not_found for a ticket of another channel
 */
export async function grantTicket(
  { rates, requestRates }: GrantParts,
  ticket: GrantedTicket,
  channelId: string,
  address: string,
): Promise<Grant> {
  const bearer = await requestRates.verify(address, async () => {
    const verified = await ticket.verify();
    if (!mayListen(verified.bearer, channelId)) throw notFound();
    await ticket.use(verified.id);
    return verified.bearer;
  });
  await rates.countOpen(address, channelId);
  return {
    channelId,
    token: '',
    renewal: bearer.kind === 'channel' ? renewalOf(bearer, bearer.expiresAt) : endOfSession(bearer),
  };
}

/** Issues a new token for the channel, of the same epoch as its first token, so that a revocation takes back both. */
export async function grantFor(
  tokens: TokenAuthority,
  channelId: string,
  { owner, epoch, renewUntil }: ChannelOwner,
  now: number,
): Promise<Grant> {
  const token = await tokens.issueChannelToken({ channelId, owner, epoch, renewUntil });
  return {
    channelId,
    token,
    renewal: renewalOf({ owner, epoch, renewUntil }, channelTokenEnd(now, renewUntil)),
  };
}

function renewalOf({ owner, epoch, renewUntil }: ChannelOwner, expiresAt: number): Renewal {
  const isLast = renewUntil !== null && expiresAt >= renewUntil;
  const dueAt = isLast ? Number.POSITIVE_INFINITY : expiresAt - HALF_LIFE_MS;
  return { owner, epoch, renewUntil, dueAt, expiresAt };
}

/** @throws Problem invalid_request for half of a position */
export function knownPosition(request: OpenChannelRequest): { epoch: string; seq: number } | null {
  if (request.channelId === undefined) return null;
  const { epoch, seq } = request;
  if (epoch === undefined && seq === undefined) return null;
  if (epoch === undefined || seq === undefined)
    throw new Problem('invalid_request', 'A position is `epoch` and `seq`: send both or neither.');
  return { epoch, seq };
}

/** Counts per minute, and open sockets, in this process. Addresses are `addressKey`s. */
export class RateLimits {
  readonly #limits: HubLimits;
  readonly #messages: Quota;
  readonly #connections: Quota;
  readonly #opens: Quota;
  readonly #newChannels: Quota;
  readonly #ownersChannels: Quota;
  readonly #channelOpens: Quota;
  readonly #sockets = new AtOnce();

  constructor(limits: HubLimits) {
    const perMinute = (times: number) => new Quota({ times, seconds: 60 });
    this.#limits = limits;
    this.#messages = perMinute(limits.messagesPerSocketMinute);
    this.#connections = perMinute(limits.connectionsPerAddressMinute);
    this.#opens = perMinute(limits.opensPerAddressMinute);
    this.#newChannels = perMinute(limits.newChannelsPerAddressMinute);
    this.#ownersChannels = perMinute(limits.newChannelsPerOwnerMinute);
    this.#channelOpens = perMinute(limits.opensPerChannelMinute);
  }

  /** Counts a connection until the returned function is called. @throws Problem rate_limited */
  async enter(address: string): Promise<() => void> {
    await this.#connections.take(address);
    return this.#sockets.enter(address, this.#limits.socketsPerAddress);
  }

  /** @throws Problem rate_limited */
  async countMessage(socketId: string): Promise<void> {
    await this.#messages.take(socketId);
  }

  /**
   * @param owner that the login names; null where there is no login
   * @throws Problem rate_limited
   */
  async countNewChannel(address: string, owner: string | null): Promise<void> {
    if (owner !== null) await this.countOwnersChannel(owner);
    await this.#newChannels.take(address);
    await this.#opens.take(address);
  }

  /** Counts a new channel of an owner, whoever opens it. @throws Problem rate_limited */
  async countOwnersChannel(owner: string): Promise<void> {
    await this.#ownersChannels.take(owner);
  }

  /** Counts a known channel that is opened again. @throws Problem rate_limited */
  async countOpen(address: string, channelId: string): Promise<void> {
    if (channelId !== SUPPORT_CHANNEL) await this.#channelOpens.take(channelId);
    await this.#opens.take(address);
  }

  forgetSocket(socketId: string): void {
    this.#messages.forget(socketId);
  }
}
