/** The routes of the API that a page needs no token for. Each function rejects with `ProblemError`. */
import type { CreatedChannel } from '@tidings/contracts/channels/channels.ts';
import type { Limits } from '@tidings/contracts/files/upload.ts';
import type { ChannelCredentials } from '../channel/storage.ts';
import { type ApiRequest, requestJson } from './request.ts';

export type OpenRouteOptions = Pick<ApiRequest, 'baseUrl' | 'signal'>;

export interface CreateChannelOptions extends OpenRouteOptions {
  /** Where the site has a login: the user's JWT. */
  readonly userToken?: string;
  /** Of a service: the API key. */
  readonly token?: string;
  /** With the API key: whose channel it is; needed where the site has a login. */
  readonly owner?: string;
}

/** Makes a channel without connecting to it. Its token opens the channel, and its owner's imports and contacts. */
export async function createChannel(options: CreateChannelOptions = {}): Promise<ChannelCredentials> {
  const { token, userToken, owner, ...rest } = options;
  const created = await requestJson<CreatedChannel>('/channels', {
    ...rest,
    method: 'POST',
    token: token ? () => token : undefined,
    body: { userToken, owner },
  });
  return { channelId: created.channelId, token: created.token };
}

/** What a file may hold, as this server is configured. */
export function fetchLimits(options: OpenRouteOptions = {}): Promise<Limits> {
  return requestJson('/limits', options);
}
