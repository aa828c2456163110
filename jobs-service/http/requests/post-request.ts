/**
 * `POST /requests/{service}/{method}`: asks a service, and holds the answer until the service has replied, for as long as the caller is
 * willing to wait.
 */
import { DEFAULT_REQUEST_WAIT_SECONDS, type WaitingRequest } from '@tidings/contracts/services/requests.ts';
import type { Reply } from '@tidings/event-log/request-reply/request-records.ts';
import { callerOf, prefersStrict } from '@tidings/service-kit/access/authenticate.ts';
import { Quota } from '@tidings/service-kit/access/quota.ts';
import type { TokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';
import type { Request, RequestHandler, Response } from 'express';
import type { MethodSettings, RequestSettings } from '../../requests/request-settings.ts';
import type { OpenRequest, ServiceRequests } from '../../requests/service-requests.ts';
import type { HeldAnswers } from '../held-answers.ts';
import { useRequestBody } from './read-body.ts';
import { sendReply } from './send-reply.ts';

export interface PostRequestParts {
  readonly tokens: TokenAuthority;
  readonly settings: RequestSettings;
  readonly requests: ServiceRequests;
  readonly heldAnswers: HeldAnswers;
}

/** `Retry-After` while the answer is not there, in seconds. */
export const ASK_AGAIN_SECONDS = 2;

export function postRequest({ tokens, settings, requests, heldAnswers }: PostRequestParts): RequestHandler {
  const limits = new MethodLimits();
  return async (request, response) => {
    const service = String(request.params.service);
    const name = String(request.params.method);
    const method = settings.get(service)?.get(name);
    if (method === undefined)
      throw new Problem('not_found', 'There is no such service, or it has no such method.');
    const caller = keyOf(response);
    await limits.take(`${service}/${name}`, method, caller);
    heldAnswers.count(caller, response);
    const { owner } = callerOf(response);
    const channelId = channelToTell(tokens, request, response);
    const open = await useRequestBody(request, response, { method, owner, caller }, (body) =>
      requests.ask({ service, method: name, settings: method, owner, caller, body, channelId }),
    );
    const reply = await heldAnswer(heldAnswers, request, response, open);
    if (response.closed) return;
    if (reply === null) answerWaiting(request, response, open.id);
    else sendReply(response, reply);
  };
}

/**
 * The channel that the header `Notify-Channel` names: the caller's own, or one of its owner. null without the header.
 * @throws Problem not_found
 */
function channelToTell(tokens: TokenAuthority, request: Request, response: Response): string | null {
  const channelId = request.get('Notify-Channel');
  if (channelId === undefined) return null;
  const { owner, bearer } = callerOf(response);
  const isTheirs =
    bearer?.kind === 'channel'
      ? bearer.channelId === channelId
      : tokens.mayPublish({ kind: 'publisher', owner, channelId: null }, channelId);
  if (!isTheirs)
    throw new Problem('not_found', 'There is no such channel for this token.', { field: 'Notify-Channel' });
  return channelId;
}

/** Resolves with the reply; null: none came while the caller waited. */
async function heldAnswer(
  held: HeldAnswers,
  request: Request,
  response: Response,
  open: OpenRequest,
): Promise<Reply | null> {
  try {
    const wait = (milliseconds: number, signal: AbortSignal) => open.wait(milliseconds, signal);
    return await held.hold(request, response, wait, DEFAULT_REQUEST_WAIT_SECONDS);
  } catch (error) {
    // The caller has gone, so nobody needs an answer.
    if (response.closed) return null;
    throw error;
  } finally {
    open.leave();
  }
}

function answerWaiting(request: Request, response: Response, requestId: string): void {
  response.set({ Location: `/requests/${requestId}`, 'Retry-After': String(ASK_AGAIN_SECONDS) });
  if (prefersStrict(request)) {
    response.append('Preference-Applied', 'handling=strict');
    throw new Problem('wait_exceeded', 'The service has not answered in time. It may still: see `Location`.');
  }
  response.status(202).json({ requestId } satisfies WaitingRequest);
}

/** Counts the requests of each caller to each method that the settings bound. */
class MethodLimits {
  readonly #quotas = new Map<string, Quota>();

  async take(name: string, { perMinute }: MethodSettings, caller: string): Promise<void> {
    if (perMinute === null) return;
    const quota = this.#quotas.get(name) ?? new Quota({ times: perMinute, seconds: 60, maxKeys: 10_000 });
    this.#quotas.set(name, quota);
    await quota.take(caller);
  }
}

/** Whoever has the same token's channel, the same owner's login, or the API key, is one caller. */
function keyOf(response: Response): string {
  const { owner, bearer } = callerOf(response);
  return JSON.stringify(bearer?.kind === 'channel' ? ['channel', bearer.channelId] : ['owner', owner]);
}
