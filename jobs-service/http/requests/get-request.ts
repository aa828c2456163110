/** `GET /requests/{id}`: the answer of a service. Any instance finds it, whichever took the request. */
import type { WaitingRequest } from '@tidings/contracts/services/requests.ts';
import { callerOf } from '@tidings/service-kit/access/authenticate.ts';
import { notFound } from '@tidings/service-kit/http/problem.ts';
import type { RequestHandler } from 'express';
import type { ServiceRequests } from '../../requests/service-requests.ts';
import { ASK_AGAIN_SECONDS } from './post-request.ts';
import { sendReply } from './send-reply.ts';

export function getRequest(requests: ServiceRequests): RequestHandler {
  return async (request, response) => {
    const requestId = String(request.params.requestId);
    const found = await requests.find(requestId, callerOf(response).owner);
    if (found === null) throw notFound();
    if (found !== 'waiting') return sendReply(response, found);
    response.set('Retry-After', String(ASK_AGAIN_SECONDS));
    response.status(202).json({ requestId } satisfies WaitingRequest);
  };
}
