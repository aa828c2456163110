/** The hub's Socket.IO events, in both directions. */

import type { ProblemCode } from '../codes.ts';
import type { ClosingNotice } from './closing.ts';
import type { Notification } from './notification.ts';

export type OpenChannelRequest =
  | {
      channelId: string;
      token: string;
      /** The last position that the client knows: both fields or neither. Without a position the answer holds the whole snapshot. */
      epoch?: string;
      seq?: number;
    }
  /** Asks for a new channel. Where the site has a login, `userToken` says whose it is. */
  | { channelId?: undefined; token?: undefined; userToken?: string };

export interface ChannelSnapshot {
  /** The newest progress of each subject that has not ended. */
  progress: Notification[];
  /** The channel's history, in order; empty where `recovered` is true. */
  durable: Notification[];
}

export interface OpenedChannel {
  channelId: string;
  token: string;
  epoch: string;
  /** The position after the snapshot, or after the notifications that follow it. */
  seq: number;
  /** true: every notification after the given position follows, in order. false: the snapshot replaces what the client knows. */
  recovered: boolean;
  snapshot: ChannelSnapshot;
}

export interface SocketError {
  error: { code: ProblemCode; message: string; retriable: boolean };
}

export type OpenChannelAnswer = OpenedChannel | SocketError;

export interface CloseChannelRequest {
  channelId: string;
}

/** The channel that the connection listens to no longer, or never did. */
export type CloseChannelAnswer = CloseChannelRequest | SocketError;

export interface ClientToServerEvents {
  'channel:open': (request: OpenChannelRequest, answer: (answer: OpenChannelAnswer) => void) => void;
  /** After the answer, nothing of the channel comes on this connection, which stays. */
  'channel:close': (request: CloseChannelRequest, answer: (answer: CloseChannelAnswer) => void) => void;
}

/** A part that the hub needs is away. Open channels stay open, no durable notification is lost, and notifications may be late. */
export interface HubDegraded {
  /** ISO 8601. */
  since: string;
  /**
   * `history_unavailable`: channels cannot be opened. `notifications_late`: they can, but notifications may come later than usual.
   */
  reason: 'history_unavailable' | 'notifications_late';
}

export interface ServerToClientEvents {
  notification: (notification: Notification) => void;
  /** Also sent to a socket that connects while the hub is degraded. */
  'hub:degraded': (notice: HubDegraded) => void;
  /** Open channels have what they had missed; notifications that still wait on the log follow. */
  'hub:recovered': () => void;
  'channel:token': (renewed: { channelId: string; token: string }) => void;
  'server:draining': (notice: { retryAfterMs: number }) => void;
  /** The hub ends the connection. The notice comes last, as far as the client still reads. */
  'server:closing': (notice: ClosingNotice) => void;
}

/** Bytes of a message from a client, at most. */
export const MAX_SOCKET_MESSAGE_BYTES = 16 * 1024;
