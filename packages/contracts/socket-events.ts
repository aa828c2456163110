/** The hub's Socket.IO events, typed both ways. */
import type { ProblemCode } from './codes.ts';
import type { Notification } from './notification.ts';

export type OpenChannelRequest =
  | {
      channelId: string;
      token: string;
      /** The last position the client knows; both or neither. Without them the whole snapshot comes. */
      epoch?: string;
      seq?: number;
    }
  /** A new channel; `userToken` says whose, where the site has a login. */
  | { channelId?: undefined; token?: undefined; userToken?: string };

export interface ChannelSnapshot {
  /** The newest progress of each subject that has not ended. */
  progress: Notification[];
  /** The durable history that is kept, in order; empty where `recovered` is true. */
  durable: Notification[];
}

export interface OpenedChannel {
  channelId: string;
  token: string;
  epoch: string;
  /** The position that the snapshot, or what follows, leads up to. */
  seq: number;
  /** true: everything after the position given follows in order. false: forget what you know, the snapshot is all. */
  recovered: boolean;
  snapshot: ChannelSnapshot;
}

export interface SocketError {
  error: { code: ProblemCode; message: string; retriable: boolean };
}

export type OpenChannelAnswer = OpenedChannel | SocketError;

export interface ClientToServerEvents {
  'channel:open': (request: OpenChannelRequest, answer: (answer: OpenChannelAnswer) => void) => void;
}

/** A part that the hub needs is away: what is open stays open, nothing is lost, and notifications may come late. */
export interface HubDegraded {
  /** ISO 8601. */
  since: string;
  /**
   * `history_unavailable`: channels cannot be opened meanwhile. `notifications_late`: they can, and what happens may be told
   * later than usual.
   */
  reason: 'history_unavailable' | 'notifications_late';
}

export interface ServerToClientEvents {
  notification: (notification: Notification) => void;
  /** Also sent to a socket that connects meanwhile. */
  'hub:degraded': (notice: HubDegraded) => void;
  /** What had been missed on open channels has been told; what still waits in the log follows. */
  'hub:recovered': () => void;
  'channel:token': (renewed: { channelId: string; token: string }) => void;
  'server:draining': (notice: { retryAfterMs: number }) => void;
}

/** Bytes of a message from a client, at most. */
export const MAX_SOCKET_MESSAGE_BYTES = 16 * 1024;
