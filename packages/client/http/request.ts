/** HTTP requests to the API. */
import { networkError, type ProblemError, readProblem } from '../errors.ts';
import { type SendAgainOptions, sendAgain } from './send-again.ts';

export interface ApiOptions {
  /** The API's origin; default, in a page, the page's own. */
  readonly baseUrl?: string;
  /** The bearer token. Called for each attempt, because the token may have been renewed. */
  readonly token: () => string;
}

export interface ListOptions {
  readonly cursor?: string;
  /** 1 to 500; default 50. */
  readonly limit?: number;
  readonly signal?: AbortSignal;
}

export interface ApiRequest extends Partial<ApiOptions> {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Parameters of the address: texts, numbers, or lists, which stand with commas. Those that are not given are left out. */
  readonly query?: object;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  /** Which failures are worth another attempt, and how long. */
  readonly again?: Pick<SendAgainOptions, 'isWorthIt' | 'patienceMs'>;
}

/** For requests whose repeats change nothing: whatever may succeed later is sent again. */
export const whateverIsRetriable = ({ retriable }: ProblemError): boolean => retriable;

/** The path whose parts are these texts, whatever they hold. */
export function pathOf(...parts: readonly (string | number)[]): string {
  return parts.map((part) => `/${encodeURIComponent(part)}`).join('');
}

/** Sends the requests of one caller. */
export function createRequests(options: ApiOptions) {
  return [
    (path: string, details?: ApiRequest) => sendRequest(path, { ...options, ...details }),
    <Body>(path: string, details?: ApiRequest) => requestJson<Body>(path, { ...options, ...details }),
  ] as const;
}

/**
 * Resolves with an answer of success. A request that the server refuses with 429 waits as long as the server asks for and is
 * sent again; `again` says which others are.
 *
 * @throws ProblemError
 */
export function sendRequest(path: string, request: ApiRequest): Promise<Response> {
  return sendAgain(() => sendOnce(path, request), { signal: request.signal, ...request.again });
}

/** The same, with what the answer says as JSON. @throws ProblemError */
export async function requestJson<Body>(path: string, request: ApiRequest): Promise<Body> {
  return (await (await sendRequest(path, request)).json()) as Body;
}

async function sendOnce(
  path: string,
  { baseUrl = '', method, token, query = {}, headers, body, signal }: ApiRequest,
): Promise<Response> {
  const parameters = new URLSearchParams();
  for (const [name, value = ''] of Object.entries(query)) if (`${value}`) parameters.set(name, value);
  const given = parameters.toString();
  let response: Response;
  try {
    response = await fetch(`${baseUrl}${path}${given && `?${given}`}`, {
      method,
      headers: {
        ...headers,
        ...(token && { Authorization: `Bearer ${token()}` }),
        ...(body ? { 'Content-Type': 'application/json' } : {}),
      },
      body: JSON.stringify(body),
      // A deletion arrives also where the page ends. A browser sends bodies so only where they are small.
      keepalive: !body,
      signal,
    });
    // An answer that breaks off is no answer, so the attempt includes its last byte.
    await response.clone().blob();
  } catch {
    throw networkError();
  }
  if (!response.ok)
    throw readProblem(response.status, await response.text(), response.headers.get('Retry-After'));
  return response;
}
