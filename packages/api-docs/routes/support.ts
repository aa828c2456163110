/** What support sees and orders, and what operators' programs ask. */

import { pageSchema } from '@tidings/contracts/schemas/http.ts';
import { erasedOwnerSchema } from '@tidings/contracts/schemas/owners/erased-owner.ts';
import { servicesViewSchema } from '@tidings/contracts/schemas/services/services.ts';
import {
  auditItemSchema,
  blockedPartitionItemSchema,
  chunkItemSchema,
  deadLetterItemSchema,
  listAuditQuerySchema,
  listChunksQuerySchema,
  listDeadLettersQuerySchema,
  reasonBodySchema,
} from '@tidings/contracts/schemas/services/support.ts';
import { z } from 'zod';
import { type RouteDescription, retryAfter } from '../route.ts';

const common = {
  group: 'Support',
  tokens: ['supportToken'],
  problems: ['invalid_request', 'unavailable'],
} as const;
const ordered = {
  202: {
    description: 'The order, as the audit lists it. It is obeyed a moment later.',
    schema: auditItemSchema,
  },
};

function order(path: string, summary: string): RouteDescription {
  return {
    ...{ ...common, method: 'post', path, summary },
    body: { schema: reasonBodySchema, isRequired: true },
    answers: ordered,
    problems: [...common.problems, 'state_conflict'],
  };
}

export const supportRoutes: readonly RouteDescription[] = [
  {
    ...{ ...common, method: 'post', path: '/support-session' },
    summary: 'Exchanges the support token for a cookie, by which a browser goes on for twelve hours.',
    answers: {
      204: {
        description: 'From now on `Authorization: Bearer session` stands for the token.',
        headers: { 'Set-Cookie': 'The session: `HttpOnly`, `SameSite=Strict`, and `Secure` by https.' },
      },
    },
    problems: ['state_conflict'],
  },
  {
    ...{ ...common, method: 'delete', path: '/support-session', tokens: [] },
    summary: 'Ends the session of this browser.',
    answers: { 204: { description: 'The cookie is removed.' } },
    problems: [],
  },
  {
    ...{ ...common, method: 'get', path: '/dead-letters' },
    summary: 'What was given up after its attempts.',
    query: listDeadLettersQuerySchema,
    answers: { 200: { description: 'The newest first.', schema: pageSchema(deadLetterItemSchema) } },
  },
  order('/dead-letters/{id}/requeue', 'Puts a dead letter back to where it came from.'),
  order('/dead-letters/{id}/skip', 'Gives a dead letter up for good.'),
  {
    ...{ ...common, method: 'get', path: '/blocked' },
    summary: 'Partitions that stand at a record which fails each time.',
    answers: { 200: { description: 'All of them.', schema: pageSchema(blockedPartitionItemSchema) } },
  },
  order('/blocked/{group}/{topic}/{partition}/retry', 'Tries the record at once.'),
  order('/blocked/{group}/{topic}/{partition}/skip', 'Passes over exactly that record.'),
  {
    ...{ ...common, method: 'get', path: '/audit' },
    summary: 'What people ordered.',
    query: listAuditQuerySchema,
    answers: { 200: { description: 'The newest first.', schema: pageSchema(auditItemSchema) } },
  },
  {
    ...{ ...common, method: 'get', path: '/services' },
    summary: 'How services and engines fare, and how far consumer groups are behind.',
    answers: {
      200: { description: 'Also while the log or the database is away.', schema: servicesViewSchema },
    },
    problems: [],
  },
  {
    ...{ ...common, method: 'get', path: '/imports/{importId}/chunks' },
    summary: 'The chunks of an import.',
    query: listChunksQuerySchema,
    answers: { 200: { description: 'By number.', schema: pageSchema(chunkItemSchema) } },
  },
  {
    ...order('/imports/{importId}/chunks/requeue', 'Works off again every dead chunk.'),
    answers: {
      202: { description: 'How many.', schema: z.object({ requeued: z.int().min(1) }) },
    },
  },
  order(
    '/imports/{importId}/chunks/{chunk}/retry',
    'Works off again a dead chunk, or one that waits, at once.',
  ),
  order('/imports/{importId}/chunks/{chunk}/requeue', 'The same as retry.'),
  order('/imports/{importId}/chunks/{chunk}/skip', 'Gives a chunk up for good: its rows stay failed.'),
  {
    ...{ ...common, method: 'delete', path: '/owners/{owner}' },
    summary: 'Erases all that is kept of an owner.',
    body: { schema: reasonBodySchema.partial(), isRequired: false },
    answers: {
      200: { description: 'All is erased.', schema: erasedOwnerSchema },
      202: {
        description: 'The same request goes on with what is left.',
        schema: erasedOwnerSchema,
        headers: retryAfter,
      },
    },
    problems: [...common.problems, 'state_conflict'],
  },
  {
    ...{ ...common, method: 'get', path: '/owners/{owner}/export' },
    summary: 'All that is kept of an owner, a JSON object a line.',
    answers: { 200: { description: 'The last line has the kind `end`.', type: 'application/x-ndjson' } },
  },
  {
    ...{ ...common, method: 'delete', path: '/owners/{owner}/tokens' },
    summary: "Takes the owner's channel tokens back.",
    body: { schema: reasonBodySchema.partial(), isRequired: false },
    answers: { 204: { description: 'They are not valid any more.' } },
  },
];

const checks = z.object({
  status: z.enum(['ready', 'not_ready']),
  checks: z.array(z.object({ name: z.string(), ready: z.boolean(), reason: z.string().optional() })),
});

export const operatorRoutes: readonly RouteDescription[] = [
  {
    ...{ method: 'get', path: '/livez', group: 'Operators', tokens: [] },
    summary: 'Whether the process runs.',
    answers: { 200: { description: 'It does.', schema: z.object({ status: z.literal('ok') }) } },
  },
  {
    ...{ method: 'get', path: '/readyz', group: 'Operators', tokens: [] },
    summary: 'Whether every part answers that the process needs.',
    answers: {
      200: { description: 'All do.', schema: checks },
      503: { description: 'The checks that fail say why.', schema: checks },
    },
  },
  {
    ...{ method: 'get', path: '/metrics', group: 'Operators', tokens: [] },
    summary: 'Metrics, as Prometheus reads them.',
    answers: { 200: { description: 'The metrics of the process.', type: 'text/plain' } },
  },
];

const json = (description: string) => ({ 200: { description, schema: z.looseObject({}) } });

export const documentRoutes: readonly RouteDescription[] = [
  {
    ...{ method: 'get', path: '/docs', group: 'Documents', tokens: [] },
    summary: 'These documents as a page.',
    answers: { 200: { description: 'The page.', type: 'text/html' } },
  },
  {
    ...{ method: 'get', path: '/docs/openapi.json', group: 'Documents', tokens: [] },
    summary: 'This API, as OpenAPI.',
    answers: json('The document.'),
  },
  {
    ...{ method: 'get', path: '/docs/asyncapi.json', group: 'Documents', tokens: [] },
    summary: 'Sockets and topics, as AsyncAPI.',
    answers: json('The document.'),
  },
  {
    ...{ method: 'get', path: '/docs/style.css', group: 'Documents', tokens: [] },
    summary: 'The style of the page.',
    answers: { 200: { description: 'The style.', type: 'text/css' } },
  },
];
