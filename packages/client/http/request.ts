/** One HTTP request to the API. */
import { networkError, type ProblemError, readProblem } from '../errors.ts';
import { type SendAgainOptions, sendAgain } from './send-again.ts';

export interface ApiRequest {
  /** The API's origin; default, in a page, the page's own. */
  readonly baseUrl?: string;
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Called for each attempt, because the token may have been renewed. */
  readonly token?: () => string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  /** Which failures are worth another attempt, and how long. */
  readonly again?: Pick<SendAgainOptions, 'isWorthIt' | 'patienceMs'>;
}

/** For requests whose repeats change nothing: whatever may succeed later is sent again. */
export const whateverIsRetriable = ({ retriable }: ProblemError): boolean => retriable;

/**
 * Resolves with an answer of success. A request that the server refuses with 429 waits as long as the server asks for and is
 * sent again; `again` says which others are.
 *
 * @throws ProblemError
 */
export function sendRequest(path: string, request: ApiRequest): Promise<Response> {
  return sendAgain(() => sendOnce(path, request), { signal: request.signal, ...request.again });
}

async function sendOnce(
  path: string,
  { baseUrl = '', method, token, headers, body, signal }: ApiRequest,
): Promise<Response> {
  const response = await fetch(`${baseUrl}${path}`, {
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
  })
    .then(async (answer) => {
      // An answer that breaks off is no answer, so the attempt includes its last byte.
      await answer.clone().blob();
      return answer;
    })
    .catch(() => {
      throw networkError();
    });
  if (!response.ok)
    throw readProblem(response.status, await response.text(), response.headers.get('Retry-After'));
  return response;
}
