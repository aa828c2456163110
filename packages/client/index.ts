/** The client library, for pages and for Node: open a channel, upload a file, ask the API. */
export type { HubDegraded } from '@tidings/contracts/socket-events.ts';
export { type AdmissionOptions, whenAdmitted } from './admission.ts';
export { type Api, type ApiOptions, createApi, type ListOptions } from './api.ts';
export {
  Channel,
  type ChannelState,
  type NotificationDetail,
  type NotificationFilter,
  type OpenChannelOptions,
  openChannel,
  type Unsubscribe,
} from './channel.ts';
export type { Position } from './delivery.ts';
export { ChannelError, type ErrorCode, ProblemError, readProblem } from './errors.ts';
export {
  type ChannelCredentials,
  type ChannelStorage,
  createWebStorage,
  type KeyValueStorage,
} from './storage.ts';
export { type UploadOptions, type UploadProgress, uploadImport } from './upload.ts';
