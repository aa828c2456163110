/** The client library for pages and for Node.js: open a channel, upload a file, publish, use the HTTP API. */
export type { AcceptedImport, UploadFields } from '@tidings/contracts/files/upload.ts';
export type { ImportState, ImportStatus } from '@tidings/contracts/imports/import.ts';
export type { EventItem, EventPage } from '@tidings/contracts/imports/listed-events.ts';
export type {
  AcceptedNotifications,
  Lane,
  Notification,
} from '@tidings/contracts/notifications/notification.ts';
export type { ChannelSnapshot, HubDegraded } from '@tidings/contracts/notifications/socket-events.ts';
export { Channel, openChannel } from './channel/channel.ts';
export type {
  ChannelState,
  NotificationDetail,
  NotificationFilter,
  OpenChannelOptions,
} from './channel/channel-options.ts';
export type { ChannelPosition } from './channel/delivery.ts';
export { type ChannelEvent, channelEvents } from './channel/events.ts';
export type { HubAddress } from './channel/hub-connection.ts';
export type { Unsubscribe } from './channel/listeners.ts';
export {
  type ChannelCredentials,
  type ChannelStorage,
  createWebStorage,
  type KeptChannel,
  type KeyValueStorage,
} from './channel/storage.ts';
export { ChannelError, type ErrorCode, ProblemError } from './errors.ts';
export { type Api, type ContactsQuery, createApi } from './http/api.ts';
export {
  type CreateChannelOptions,
  createChannel,
  fetchLimits,
  type OpenRouteOptions,
} from './http/open-routes.ts';
export { type NotificationToPublish, type PublishOptions, publish } from './http/publish.ts';
export type { ApiOptions, ListOptions } from './http/request.ts';
export { type SendAgainOptions, sendAgain } from './http/send-again.ts';
export { type UploadOptions, type UploadProgress, uploadImport } from './uploads/upload.ts';
