/** The session by which support's page goes on without the support token: the browser keeps it in a cookie that no script reads. */
import { SESSION_BEARER } from '@tidings/contracts/services/support-session.ts';
import { type ApiOptions, sendRequest } from '../http/request.ts';

/** Exchanges the support token for the session. From then on the token is `session`. @throws ProblemError */
export async function openSupportSession(
  options: ApiOptions & { readonly signal?: AbortSignal },
): Promise<void> {
  await sendRequest('/support-session', { ...options, method: 'POST' });
}

/** Ends the session of this browser. @throws ProblemError */
export async function closeSupportSession(options: Omit<ApiOptions, 'token'> = {}): Promise<void> {
  await sendRequest('/support-session', { ...options, token: () => SESSION_BEARER, method: 'DELETE' });
}
