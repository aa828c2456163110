/** Channels, and what services publish to them: the hub's routes. */

import {
  createChannelBodySchema,
  createdChannelSchema,
  createdTicketSchema,
  eventsQuerySchema,
  listedChannelSchema,
} from '@tidings/contracts/schemas/channels/channels.ts';
import {
  createdPublisherTokenSchema,
  createPublisherTokenBodySchema,
} from '@tidings/contracts/schemas/channels/publisher-tokens.ts';
import {
  acceptedNotificationsSchema,
  publishedBatchSchema,
  publishedNotificationSchema,
} from '@tidings/contracts/schemas/notifications/notification.ts';
import { openedChannelSchema } from '@tidings/contracts/schemas/notifications/socket-events.ts';
import { z } from 'zod';
import { idempotencyKey, type RouteDescription, retryAfter } from '../route.ts';

export const channelRoutes: readonly RouteDescription[] = [
  {
    ...{ method: 'post', path: '/channels', group: 'Channels', tokens: ['apiKey'], isOpen: true },
    summary: 'Opens a new channel; a service opens one for an owner.',
    body: { schema: createChannelBodySchema, isRequired: false },
    answers: {
      201: { description: 'The channel, its token and its position.', schema: createdChannelSchema },
    },
    problems: ['invalid_request', 'request_too_large', 'unavailable'],
  },
  {
    ...{ method: 'get', path: '/channels', group: 'Channels', tokens: ['userToken'] },
    summary: 'The 20 newest channels of the person who has signed in.',
    answers: {
      200: { description: 'The newest first.', schema: z.object({ items: z.array(listedChannelSchema) }) },
    },
    problems: ['unavailable'],
  },
  {
    ...{ method: 'get', path: '/channels/{channelId}/events', group: 'Channels' },
    ...{ tokens: ['channelToken', 'supportToken'] },
    summary: 'Follows the channel by server-sent events, or answers once where JSON alone is accepted.',
    query: eventsQuerySchema,
    headers: {
      'Last-Event-ID': 'A position, `epoch:seq`.',
      'If-None-Match': 'With `Accept: application/json`: the `ETag` of the answer that is known.',
    },
    answers: {
      200: {
        description: 'An event stream, or with `Accept: application/json` what `channel:open` answers.',
        schema: openedChannelSchema,
        type: 'text/event-stream',
        headers: { ETag: 'Of a JSON answer.', ...retryAfter },
      },
      304: { description: 'With `If-None-Match`: nothing is new.' },
    },
    problems: ['invalid_request', 'channel_full', 'unavailable'],
  },
  {
    ...{ method: 'post', path: '/channels/{channelId}/tickets', group: 'Channels' },
    ...{ tokens: ['channelToken', 'supportToken'] },
    summary: 'A ticket, with which an EventSource follows the channel.',
    answers: { 201: { description: 'It is valid once, for a minute.', schema: createdTicketSchema } },
  },
  {
    ...{ method: 'post', path: '/channels/{channelId}/notifications', group: 'Publishing' },
    ...{ tokens: ['apiKey', 'publisherToken'] },
    summary: 'Publishes one notification, or up to 100, to the channel.',
    headers: idempotencyKey,
    body: { schema: z.union([publishedNotificationSchema, publishedBatchSchema]), isRequired: true },
    answers: {
      202: {
        description: 'All are durable. The ids of the events, in the order of the request.',
        schema: acceptedNotificationsSchema,
        headers: { 'Idempotent-Replayed': '`true`: an earlier request under the key has published them.' },
      },
    },
    problems: [
      'invalid_request',
      'request_too_large',
      'request_in_progress',
      'idempotency_mismatch',
      'unavailable',
    ],
  },
  {
    ...{ method: 'post', path: '/publisher-tokens', group: 'Publishing', tokens: ['apiKey'] },
    summary: 'A token that publishes to the channels of one owner, or to one channel.',
    body: { schema: createPublisherTokenBodySchema, isRequired: true },
    answers: { 201: { description: 'The token.', schema: createdPublisherTokenSchema } },
    problems: ['invalid_request'],
  },
];
