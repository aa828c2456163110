/** The routes of the API that want no token. Each function rejects with `ProblemError`. */
import type { CreatedChannel, Limits } from '@tidings/contracts/http.ts';
import { type ApiRequest, sendRequest } from './request.ts';
import type { ChannelCredentials } from './storage.ts';

export type OpenRouteOptions = Pick<ApiRequest, 'baseUrl' | 'signal'>;

/** Makes a channel without connecting to it. Its token opens the channel, and its owner's imports and contacts. */
export async function createChannel(options: OpenRouteOptions = {}): Promise<ChannelCredentials> {
  const response = await sendRequest('/channels', { ...options, method: 'POST' });
  const { channelId, token } = (await response.json()) as CreatedChannel;
  return { channelId, token };
}

/** What a file may hold, as this server is configured. */
export async function fetchLimits(options: OpenRouteOptions = {}): Promise<Limits> {
  return (await (await sendRequest('/limits', options)).json()) as Limits;
}
