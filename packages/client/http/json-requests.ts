/** Sends the requests of one caller, and reads their answers as JSON. */
import { type ApiRequest, sendRequest } from './request.ts';

export interface ApiOptions {
  /** The API's origin; default, in a page, the page's own. */
  readonly baseUrl?: string;
  /** The bearer token. Called for each request, because the token may have been renewed. */
  readonly token: () => string;
}

export interface ListOptions {
  readonly cursor?: string;
  /** 1 to 500; default 50. */
  readonly limit?: number;
  readonly signal?: AbortSignal;
}

type ApiDetails = Pick<ApiRequest, 'method' | 'headers' | 'body' | 'signal' | 'again'>;

export function createJsonRequests(options: ApiOptions) {
  const request = (path: string, details?: ApiDetails) => sendRequest(path, { ...options, ...details });
  return {
    request,
    requestJson: async <Body>(path: string, details?: ApiDetails) =>
      (await (await request(path, details)).json()) as Body,
  };
}

/** The path with those parameters that are given; of several values, with commas between them. */
export function withQuery(
  path: string,
  query: Readonly<Record<string, string | number | readonly string[] | undefined>>,
): string {
  const given = Object.entries(query)
    .map(([name, value = '']): [string, string] => [name, String(value)])
    .filter(([, text]) => text);
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}
