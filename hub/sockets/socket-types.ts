/** The hub's Socket.IO server and its sockets, typed by the events that they carry. */
import type {
  ClientToServerEvents,
  ServerToClientEvents,
} from '@tidings/contracts/notifications/socket-events.ts';
import type { Server, Socket } from 'socket.io';

/** A channel, and a notification of it as JSON: a hub on which nobody listens to the channel does not parse the JSON. */
export type RelayedNotification = [channelId: string, json: string];

/** What hubs send to each other. */
export interface HubToHubEvents {
  notifications: (relayed: RelayedNotification[]) => void;
}

export type BrowserServer = Server<ClientToServerEvents, ServerToClientEvents, HubToHubEvents>;
export type BrowserSocket = Socket<ClientToServerEvents, ServerToClientEvents, HubToHubEvents>;

export const socketTransports = ['websocket', 'polling'] as const;
export type SocketTransport = (typeof socketTransports)[number];
