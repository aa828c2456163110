/** Requests to other services, where `REQUESTS_FILE` names some. */
import {
  renewLeaseSchema,
  requestReplySchema,
  takenRequestSchema,
  takeRequestSchema,
  waitingRequestSchema,
} from '@tidings/contracts/schemas/services/requests.ts';
import { z } from 'zod';
import { type RouteDescription, retryAfter } from '../route.ts';

const common = {
  group: 'Requests',
  tokens: ['channelToken', 'userToken', 'apiKey', 'supportToken'],
} as const;
const waiting = {
  description: 'The answer is not there yet.',
  schema: waitingRequestSchema,
  headers: { ...retryAfter, Location: 'Where the answer will be.' },
};
const replied = { description: "The service's own status, headers and body.", type: '*/*' };

const work = { group: 'Requests', tokens: ['apiKey'] } as const;

export const requestRoutes: readonly RouteDescription[] = [
  {
    ...{ ...common, method: 'post', path: '/requests/{service}/{method}' },
    summary: 'Asks a service, and holds the answer until it has replied.',
    headers: {
      Prefer: '`wait=N`: seconds, 60 at most, 30 by default; `handling=strict`: 408 after that, and no 202.',
      'Notify-Channel': 'A channel that is told when the answer is there, by a durable `request.answered`.',
    },
    body: {
      schema: z.unknown().describe("What the method's schema takes; or a form with fields and one `file`."),
      isRequired: true,
      mayBeForm: true,
    },
    answers: { 200: replied, 202: waiting },
    problems: [
      'invalid_request',
      'request_too_large',
      'schema_refused',
      'wait_exceeded',
      'lease_ended',
      'deadline_exceeded',
      'unavailable',
    ],
  },
  {
    ...{ ...common, method: 'get', path: '/requests/{requestId}' },
    summary: 'The answer of a service to an earlier request.',
    answers: { 200: replied, 202: waiting },
    problems: ['lease_ended', 'deadline_exceeded', 'unavailable'],
  },
  {
    ...{ ...work, method: 'post', path: '/requests/{service}/take' },
    summary: 'Hands a waiting request to a worker, with a lease of 30 s.',
    body: { schema: takeRequestSchema, isRequired: true },
    answers: {
      200: { description: 'The request.', schema: takenRequestSchema },
      204: { description: 'None has come in time.' },
    },
    problems: ['invalid_request', 'unavailable'],
  },
  {
    ...{ ...work, method: 'post', path: '/requests/{requestId}/renew' },
    summary: 'Renews the lease.',
    body: { schema: renewLeaseSchema, isRequired: true },
    answers: { 204: { description: 'It lasts another 30 s.' } },
    problems: ['invalid_request', 'state_conflict', 'unavailable'],
  },
  {
    ...{ ...work, method: 'post', path: '/requests/{requestId}/reply' },
    summary: 'Answers the request.',
    body: { schema: requestReplySchema, isRequired: true },
    answers: { 204: { description: 'The caller gets the answer.' } },
    problems: ['invalid_request', 'request_too_large', 'state_conflict', 'unavailable'],
  },
];
