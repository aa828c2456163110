/** What a caller says to open a channel and to listen to it, and what the channel says of itself. */
import type { Lane } from '@tidings/contracts/notifications/notification.ts';
import type { ChannelPosition } from './delivery.ts';
import type { HubAddress } from './hub-connection.ts';
import type { ChannelCredentials, ChannelStorage } from './storage.ts';

/**
 * - `connecting`: not open yet.
 * - `live`: open; notifications arrive as they happen.
 * - `reconnecting`: the connection is lost and will be continued. No notification is lost.
 * - `draining`: the server goes away; the client connects to another one, or again to this one.
 * - `closed`: ended by `close()`, or refused for good.
 */
export type ChannelState = 'connecting' | 'live' | 'reconnecting' | 'draining' | 'closed';

export interface OpenChannelOptions extends HubAddress {
  /** The channel to listen to; default the stored one, else a new one. */
  readonly channel?: ChannelCredentials;
  /** For a new channel, where the site has a login: the user's JWT. */
  readonly userToken?: string;
  /** Fetches that token, for each attempt to open a new channel, also after one that has ended. Where it rejects, the server says what is missing. */
  readonly fetchUserToken?: () => Promise<string>;
  readonly storage?: ChannelStorage;
  /** What the caller knows already, from `Channel.position`. Default nothing: a snapshot comes first. */
  readonly position?: ChannelPosition;
  /**
   * Keeps the position in `storage` too, once the listeners of a notification have returned, and continues there the next time. For
   * callers that keep what they have learned; a crash may repeat a notification, and none is left out. Default false.
   */
  readonly keepsPosition?: boolean;
  /** From 0 to below 1; for the moments of reconnecting. */
  readonly random?: () => number;
}

export interface NotificationFilter {
  readonly lane?: Lane;
  readonly subject?: string;
}

export interface NotificationDetail {
  /** Durable lane: the event happened, but a newer state of its subject is known already. */
  readonly outdated: boolean;
}
