/** The client library for pages and for Node.js: open a channel, upload a file, use the HTTP API. */
export type { HubDegraded } from '@tidings/contracts/socket-events.ts';
export { type Api, createApi } from './api.ts';
export {
  Channel,
  type ChannelState,
  type NotificationDetail,
  type NotificationFilter,
  type OpenChannelOptions,
  openChannel,
} from './channel.ts';
export type { ChannelPosition } from './delivery.ts';
export { ChannelError, type ErrorCode, ProblemError } from './errors.ts';
export type { HubAddress } from './hub-connection.ts';
export type { ApiOptions, ListOptions } from './json-requests.ts';
export type { Unsubscribe } from './listeners.ts';
export { createChannel, fetchLimits, type OpenRouteOptions } from './open-routes.ts';
export { type SendAgainOptions, sendAgain } from './send-again.ts';
export {
  type ChannelCredentials,
  type ChannelStorage,
  createWebStorage,
  type KeyValueStorage,
} from './storage.ts';
export { type BlockedPlace, createSupportApi, type SupportApi } from './support-api.ts';
export { type UploadOptions, type UploadProgress, uploadImport } from './upload.ts';
