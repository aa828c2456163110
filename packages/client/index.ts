/** The client library for pages and for Node.js: open a channel, upload a file, publish, use the HTTP API. */
export type { AcceptedImport, EventItem, EventPage, UploadFields } from '@tidings/contracts/http.ts';
export type { ImportState, ImportStatus } from '@tidings/contracts/import.ts';
export type { AcceptedNotifications, Lane, Notification } from '@tidings/contracts/notification.ts';
export type { ChannelSnapshot, HubDegraded } from '@tidings/contracts/socket-events.ts';
export { type Api, type ContactsQuery, createApi } from './api.ts';
export { Channel, openChannel } from './channel.ts';
export type {
  ChannelState,
  NotificationDetail,
  NotificationFilter,
  OpenChannelOptions,
} from './channel-options.ts';
export type { ChannelPosition } from './delivery.ts';
export { ChannelError, type ErrorCode, ProblemError } from './errors.ts';
export { type ChannelEvent, channelEvents } from './events.ts';
export type { HubAddress } from './hub-connection.ts';
export type { ApiOptions, ListOptions } from './json-requests.ts';
export type { Unsubscribe } from './listeners.ts';
export {
  type CreateChannelOptions,
  createChannel,
  fetchLimits,
  type OpenRouteOptions,
} from './open-routes.ts';
export { type NotificationToPublish, type PublishOptions, publish } from './publish.ts';
export { type SendAgainOptions, sendAgain } from './send-again.ts';
export {
  type ChannelCredentials,
  type ChannelStorage,
  createWebStorage,
  type KeptChannel,
  type KeyValueStorage,
} from './storage.ts';
export { type UploadOptions, type UploadProgress, uploadImport } from './upload.ts';
