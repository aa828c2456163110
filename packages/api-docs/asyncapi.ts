/** The AsyncAPI document. It describes the hub: its events on sockets, and the records on the log. */

import type {
  ClientToServerEvents,
  ServerToClientEvents,
} from '@tidings/contracts/notifications/socket-events.ts';
import { notificationSchema } from '@tidings/contracts/schemas/notifications/notification.ts';
import {
  closeChannelRequestSchema,
  closingNoticeSchema,
  drainingSchema,
  hubDegradedSchema,
  openChannelRequestSchema,
  openedChannelSchema,
  renewedTokenSchema,
  socketErrorSchema,
} from '@tidings/contracts/schemas/notifications/socket-events.ts';
import { topics } from '@tidings/contracts/topics.ts';
import { z } from 'zod';
import { DocumentSchemas, type JsonObject } from './schemas.ts';
import { topicDescriptions } from './topics.ts';

interface SocketEvent {
  readonly summary: string;
  readonly payload: z.ZodType;
  /** The data of the acknowledgement; only requests have one. */
  readonly answer?: z.ZodType;
}

/** Requests of clients, each with an acknowledgement. */
export const clientEvents: Readonly<Record<keyof ClientToServerEvents, SocketEvent>> = {
  'channel:open': {
    summary: 'Opens a channel, new or known, from a position or whole.',
    payload: openChannelRequestSchema,
    answer: z.union([openedChannelSchema, socketErrorSchema]),
  },
  'channel:close': {
    summary: 'The connection listens to the channel no longer.',
    payload: closeChannelRequestSchema,
    answer: z.union([closeChannelRequestSchema, socketErrorSchema]),
  },
};

export const hubEvents: Readonly<Record<keyof ServerToClientEvents, SocketEvent>> = {
  notification: { summary: 'A notification of an open channel.', payload: notificationSchema },
  'channel:token': { summary: 'The renewed token of a channel.', payload: renewedTokenSchema },
  'server:draining': {
    summary: 'Connect to another hub, at a random moment within that time.',
    payload: drainingSchema,
  },
  'server:closing': {
    summary: 'The hub ends this connection; the code says what to do.',
    payload: closingNoticeSchema,
  },
  'hub:degraded': { summary: 'What does not work as it should.', payload: hubDegradedSchema },
  'hub:recovered': { summary: 'It works again.', payload: z.object({}) },
};

export function asyncApiDocument(): JsonObject {
  const schemas = new DocumentSchemas();
  const channels = { socket: socketChannel(schemas), ...topicChannels(schemas) };
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Tidings',
      version: '0.1.0',
      description: 'Sockets of clients, and the topics of the log. docs/protocol.md has the rules.',
      license: { name: 'Apache-2.0' },
    },
    servers: {
      hub: {
        host: '127.0.0.1:3000',
        pathname: '/socket.io/',
        protocol: 'wss',
        description: 'Socket.IO 4, by WebSocket.',
      },
      log: {
        host: '127.0.0.1:9092',
        protocol: 'kafka',
        description: 'At scale; on one machine the log is embedded.',
      },
    },
    channels,
    operations: { ...socketOperations(), ...topicOperations() },
    components: { schemas: schemas.components },
  };
}

const answerNameOf = (event: string) => `${event} acknowledged`;
const reference = (...path: string[]) => ({
  $ref: `#/${path.map((name) => name.replaceAll('/', '~1')).join('/')}`,
});

function socketChannel(schemas: DocumentSchemas): JsonObject {
  const message = (name: string, summary: string, payload: z.ZodType) => [
    name,
    { name, summary, contentType: 'application/json', payload: schemas.of(payload) },
  ];
  const requests = Object.entries(clientEvents).flatMap(([name, { summary, payload, answer }]) => [
    message(name, summary, payload),
    ...(answer ? [message(answerNameOf(name), 'The acknowledgement.', answer)] : []),
  ]);
  const events = Object.entries(hubEvents).map(([name, { summary, payload }]) =>
    message(name, summary, payload),
  );
  return {
    address: '/socket.io/',
    description: 'A connection of a client.',
    servers: [reference('servers', 'hub')],
    messages: Object.fromEntries([...requests, ...events]),
  };
}

function socketOperations(): JsonObject {
  const channel = reference('channels', 'socket');
  const messageOf = (name: string) => reference('channels', 'socket', 'messages', name);
  const requests = Object.keys(clientEvents).map((name) => [
    `receive ${name}`,
    {
      action: 'receive',
      channel,
      messages: [messageOf(name)],
      reply: { channel, messages: [messageOf(answerNameOf(name))] },
    },
  ]);
  const events = Object.keys(hubEvents).map((name) => [
    `send ${name}`,
    { action: 'send', channel, messages: [messageOf(name)] },
  ]);
  return Object.fromEntries([...requests, ...events]);
}

const topicNames = Object.keys(topics) as (keyof typeof topics)[];

function topicChannels(schemas: DocumentSchemas): JsonObject {
  return Object.fromEntries(
    topicNames.map((name) => {
      const { summary, key, value, headers } = topicDescriptions[name];
      const record = {
        name: 'record',
        contentType: value === null ? 'application/octet-stream' : 'application/json',
        ...(headers !== undefined && { headers: schemas.of(headers) }),
        ...(value !== null && { payload: schemas.of(value) }),
        bindings: { kafka: { key: { type: 'string', description: `Is ${key}.` } } },
      };
      const servers = [reference('servers', 'log')];
      return [topics[name], { address: topics[name], description: summary, servers, messages: { record } }];
    }),
  );
}

/** Topics to which programs of others append; the others are between services of Tidings. */
function topicOperations(): JsonObject {
  return Object.fromEntries(
    topicNames
      .filter((name) => topicDescriptions[name].isPublic === true)
      .map((name) => [
        `receive records of ${topics[name]}`,
        {
          action: 'receive',
          channel: reference('channels', topics[name]),
          messages: [reference('channels', topics[name], 'messages', 'record')],
        },
      ]),
  );
}
