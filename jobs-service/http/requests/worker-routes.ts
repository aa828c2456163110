/** The routes of workers that take requests by HTTP. All of them want the API key. */

import {
  renewLeaseSchema,
  requestReplySchema,
  takeRequestSchema,
} from '@tidings/contracts/schemas/services/requests.ts';
import type { TakenRequest } from '@tidings/contracts/services/requests.ts';
import type { Reply } from '@tidings/event-log/request-reply/request-records.ts';
import { callerOf } from '@tidings/service-kit/access/authenticate.ts';
import { readJsonBody } from '@tidings/service-kit/http/json-body.ts';
import { parse } from '@tidings/service-kit/http/parse.ts';
import { notFound, Problem } from '@tidings/service-kit/http/problem.ts';
import type { Request, RequestHandler, Response } from 'express';
import type { LaneHandedOut } from '../../requests/hand-outs.ts';
import type { RequestLease } from '../../requests/lease-tokens.ts';
import { contentAsJson, contentOnLog, headersBeside } from '../../requests/wire-content.ts';
import type { Workers } from '../../requests/workers.ts';
import type { HeldAnswers } from '../held-answers.ts';

const readSmallBody = readJsonBody(16 * 1024);
/** Reads a reply: at most a file of 8 MiB as base64, and the JSON around it. */
const readReplyBody = readJsonBody(12 * 1024 * 1024);

/** Answers everybody else as if the address did not exist. */
const workersOnly: RequestHandler = (_request, response, next) => {
  if (callerOf(response).bearer?.kind !== 'publisher') throw notFound();
  next();
};

/** `POST /requests/{service}/take`: hands a request out, as soon as there is one. */
export function takeRequest(workers: Workers, heldTakes: HeldAnswers): RequestHandler[] {
  const take: RequestHandler = async (request, response) => {
    const service = String(request.params.service);
    if (!workers.serves(service)) throw new Problem('not_found', 'There is no such service.');
    const { lane, wait } = parse(takeRequestSchema, request.body ?? {});
    const takeWithin = (milliseconds: number, signal: AbortSignal) =>
      workers.take(service, lane, milliseconds, signal);
    const handedOut =
      (await heldTakes.holdFor(wait, response, takeWithin)) ?? (await takeWithin(0, AbortSignal.abort()));
    if (handedOut === null) return void response.status(204).end();
    if (response.closed) return workers.giveBack(service, handedOut);
    response.type('application/json').send(toJson(handedOut, workers.leaseOf(handedOut)));
  };
  return [workersOnly, readSmallBody, take];
}

function toJson({ request, attempt, lane, endsAt }: LaneHandedOut, lease: string): string {
  const { requestId, method, headers, body, deadline } = request;
  const rest = {
    ...{ requestId, method, lane, attempt, headers: headersBeside(headers), lease },
    leaseEndsAt: new Date(endsAt).toISOString(),
    deadline: new Date(deadline).toISOString(),
  } satisfies Omit<TakenRequest, 'body'>;
  return `${JSON.stringify(rest).slice(0, -1)},"body":${contentAsJson(headers, body)}}`;
}

/** `POST /requests/{id}/renew`: the lease lasts another 30 s from now. */
export function renewLease(workers: Workers): RequestHandler[] {
  const renew: RequestHandler = async (request, response) => {
    const { lease } = parse(renewLeaseSchema, request.body);
    const answer = await workers.renew(leaseOf(workers, request, lease));
    if (answer === 'unknown') throw unknownHolder();
    end(response, answer);
  };
  return [workersOnly, readSmallBody, renew];
}

/** `POST /requests/{id}/reply`: the answer to a request. */
export function replyToRequest(workers: Workers): RequestHandler[] {
  const reply: RequestHandler = async (request, response) => {
    const { lease, status, headers, body } = parse(requestReplySchema, request.body);
    const known = leaseOf(workers, request, lease);
    const content = contentOnLog(body);
    end(
      response,
      await replied(workers, known, {
        ...content,
        status,
        headers: { ...content.headers, ...lower(headers) },
      }),
    );
  };
  return [workersOnly, readReplyBody, reply];
}

async function replied(workers: Workers, lease: RequestLease, reply: Reply): Promise<'done' | 'ended'> {
  try {
    return await workers.reply(lease, reply);
  } catch (error) {
    if (error instanceof RangeError)
      throw new Problem('invalid_request', error.message, { field: 'headers' });
    throw error;
  }
}

function lower(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function leaseOf(workers: Workers, request: Request, token: string): RequestLease {
  const lease = workers.readLease(String(request.params.requestId), token);
  if (lease === null)
    throw new Problem('invalid_request', 'The lease is none of this request.', { field: 'lease' });
  return lease;
}

/** @throws Problem state_conflict */
function end(response: Response, answer: 'done' | 'ended'): void {
  if (answer === 'ended')
    throw new Problem(
      'state_conflict',
      'The lease has ended: the request was answered, its deadline has passed, or another worker has it.',
    );
  response.status(204).end();
}

function unknownHolder(): Problem {
  return new Problem(
    'unavailable',
    'The instance that handed the request out does not answer. A reply counts all the same.',
    {
      retryAfterSeconds: 1,
    },
  );
}
