/** The routes of the API that a page needs no token for. Each function rejects with `ProblemError`. */
import type { CreatedChannel, Limits } from '@tidings/contracts/http.ts';
import type { ChannelCredentials } from '../channel/storage.ts';
import { type ApiRequest, sendRequest } from './request.ts';

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
  const response = await sendRequest('/channels', {
    ...rest,
    method: 'POST',
    token: token === undefined ? undefined : () => token,
    body: userToken === undefined && owner === undefined ? undefined : { userToken, owner },
  });
  const created = (await response.json()) as CreatedChannel;
  return { channelId: created.channelId, token: created.token };
}

/** What a file may hold, as this server is configured. */
export async function fetchLimits(options: OpenRouteOptions = {}): Promise<Limits> {
  return (await (await sendRequest('/limits', options)).json()) as Limits;
}
