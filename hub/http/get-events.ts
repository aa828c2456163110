/**
 * `GET /channels/{id}/events`: a channel without a socket. Answers with server-sent events, or, to those who accept JSON only, with what
 * the channel holds after a position: polling.
 */
import { createHash } from 'node:crypto';
import type { OpenedChannel } from '@tidings/contracts/notifications/socket-events.ts';
import { eventsQuerySchema } from '@tidings/contracts/schemas/channels/channels.ts';
import { readWholeNumber } from '@tidings/contracts/text.ts';
import { bearerToken, revoked } from '@tidings/service-kit/access/bearers.ts';
import { addressKey } from '@tidings/service-kit/access/client-address.ts';
import { AtOnce } from '@tidings/service-kit/access/quota.ts';
import { UnreadAnswers } from '@tidings/service-kit/access/unread-answers.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';
import { readsQuery } from '@tidings/service-kit/http/query.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import type { Request, RequestHandler, Response } from 'express';
import { EventStream, streamHeaders } from '../event-streams/event-stream.ts';
import type { ChannelHistory, HistoryPosition } from '../history/channel-history.ts';
import type { HubLimits } from '../limits.ts';
import type { HubMetrics } from '../metrics.ts';
import type { Once } from '../once/once.ts';
import { type Grant, type GrantParts, grantChannel, grantTicket } from '../sockets/admission.ts';
import { ChannelSubscription } from '../sockets/channel-subscription.ts';
import type { Clients } from '../sockets/clients.ts';
import type { ChannelListeners } from '../sockets/listeners.ts';

/** Seconds between two requests of a client that polls. */
const POLL_SECONDS = 2;
/** Polls of one channel that are answered at once: each reads, and writes out, the whole history. */
const POLLS_AT_ONCE = 10;
/** Milliseconds for which the hub remembers a used ticket: longer than a ticket is valid. */
const USED_TICKET_MS = 120_000;
/** Milliseconds after which a renewed token is given once more to who goes on with the former one: the answer may have been lost. */
const TOKEN_AGAIN_MS = 3_600_000;

export interface EventsParts extends GrantParts {
  readonly history: ChannelHistory;
  readonly listeners: ChannelListeners;
  readonly clients: Clients;
  readonly once: Once;
  /** Brings a channel subscription that misses something up to date. */
  readonly catchUp: (subscription: ChannelSubscription) => void;
  readonly limits: HubLimits;
  readonly metrics: HubMetrics;
  readonly logger: Logger;
}

export function getEvents(parts: EventsParts): RequestHandler {
  const polls = { atOnce: new AtOnce(), answers: new UnreadAnswers() };
  return readsQuery(eventsQuerySchema, async ({ lastEventId, ticket }, request, response) => {
    const known = readPosition(request.get('Last-Event-ID') || lastEventId);
    const address = addressKey(request.ip);
    response.vary('Accept');
    if (request.accepts(['text/event-stream', 'application/json']) === 'application/json') {
      if (ticket !== undefined) throw ticketForPolling();
      const granted = await grantOfToken(parts, request, address);
      return poll(parts, polls, granted, known, request, response);
    }
    const granted =
      ticket === undefined
        ? await grantOfToken(parts, request, address)
        : await grantOfTicket(parts, ticket, request, address);
    if (request.method === 'HEAD') return void response.set(streamHeaders).status(200).end();
    const leave = await parts.rates.enter(address);
    response.once('close', leave);
    if (response.closed) return leave();
    return follow(parts, granted, known, response);
  });
}

function ticketForPolling(): Problem {
  const message = 'A ticket opens a stream only. Send the token in the header `Authorization` to poll.';
  return new Problem('invalid_request', message, { field: 'ticket' });
}

interface Granted {
  readonly grant: Grant;
  /** Whether the client does not have the grant's token yet. */
  readonly isRenewed: boolean;
}

async function grantOfToken(parts: EventsParts, request: Request, address: string): Promise<Granted> {
  const token = bearerToken(request.headers.authorization);
  const opening = { channelId: channelOf(request), token };
  const grant = await grantChannel(parts, opening, address, request.headers);
  return { grant, isRenewed: grant.token !== token };
}

async function grantOfTicket(
  parts: EventsParts,
  given: string,
  request: Request,
  address: string,
): Promise<Granted> {
  const { tokens, once } = parts;
  const ticket = {
    verify: () => tokens.verifyTicket(given),
    use: async (id: string) => {
      // HEAD asks what GET would answer, and opens no stream.
      if (request.method === 'HEAD') return;
      const name = JSON.stringify(['ticket', id]);
      if ((await once.begin(name, '', USED_TICKET_MS)) !== 'new')
        throw new Problem('token_invalid', 'The ticket was used before: ask for another one.');
      await once.finish(name);
    },
  };
  return { grant: await grantTicket(parts, ticket, channelOf(request), address), isRenewed: false };
}

/** Answers from the history alone: a client that polls has no subscription. */
async function poll(
  { history, metrics, now }: EventsParts,
  { atOnce, answers }: { readonly atOnce: AtOnce; readonly answers: UnreadAnswers },
  { grant: { channelId, token }, isRenewed }: Granted,
  known: HistoryPosition | null,
  request: Request,
  response: Response,
): Promise<void> {
  const leave = atOnce.enter(channelId, POLLS_AT_ONCE);
  response.once('close', leave);
  if (response.closed) return leave();
  const { epoch, seq, recovered, progress, durable } = await history.open(channelId, known);
  countOpening(metrics, known, recovered);
  const state: Omit<OpenedChannel, 'token'> = {
    channelId,
    epoch,
    seq,
    recovered,
    snapshot: { progress: [...progress], durable: [...durable] },
  };
  const json = JSON.stringify(state);
  // A renewed token is something new: with 304s alone a quiet channel would end with the token that has opened it. Each request signs
  // another one, so the token itself would leave no 304 to who keeps the former one.
  const hash = createHash('sha256')
    .update(json)
    .update(isRenewed ? `renewed ${Math.floor(now() / TOKEN_AGAIN_MS)}` : '');
  const digest = hash.digest('base64url');
  const tag = { ETag: `"${digest}"` };
  response.set({ ...tag, 'Retry-After': String(POLL_SECONDS) });
  if (request.fresh) return void response.status(304).end();
  // A refusal from here on is no state of the channel.
  response.removeHeader('ETag');
  answers.sendText(response, channelId, `${json.slice(0, -1)},"token":${JSON.stringify(token)}}`, tag);
}

/** The subscription exists before the history is read, so that it holds back whatever is appended from here on. */
async function follow(
  parts: EventsParts,
  { grant, isRenewed }: Granted,
  known: HistoryPosition | null,
  response: Response,
): Promise<void> {
  const { history, listeners, clients, metrics, tokens, limits, catchUp } = parts;
  const { channelId, token, renewal } = grant;
  listeners.checkRoom(channelId, limits);
  const writer = new EventStream(response, parts);
  const subscription = new ChannelSubscription(channelId, writer, null, catchUp);
  const leave = () => {
    subscription.close();
    listeners.remove(subscription);
    clients.delete(writer);
    metrics.eventStreams.dec();
  };
  listeners.add(subscription);
  clients.add(writer);
  metrics.eventStreams.inc();
  // The response ends with the stream, with a refusal, or with the client.
  response.once('close', leave);
  if (response.closed) return leave();
  const opened = await history.open(channelId, known);
  const { epoch, seq, recovered, progress, durable } = opened;
  if (renewal !== null && tokens.isRevoked(renewal)) throw revoked();
  subscription.renewal = renewal;
  countOpening(metrics, known, recovered);
  const snapshot = { progress: [...progress], durable: recovered ? [] : [...durable] };
  subscription.complete(() => writer.open({ channelId, token, epoch, seq, recovered, snapshot }), opened);
  if (isRenewed) writer.writeToken({ channelId, token });
}

function countOpening(metrics: HubMetrics, known: HistoryPosition | null, recovered: boolean): void {
  metrics.opens.inc({ outcome: known === null ? 'new' : recovered ? 'recovered' : 'snapshot' });
}

function channelOf(request: Request): string {
  return String(request.params.channelId);
}

/** A browser that comes back by itself sends the header, which is newer than the address. @throws Problem invalid_request */
function readPosition(text = ''): HistoryPosition | null {
  if (text === '') return null;
  const [, epoch, number = ''] = /^([\w.-]{1,64}):(\d+)$/.exec(text) ?? [];
  const seq = readWholeNumber(number);
  if (epoch === undefined || seq === null)
    throw new Problem('invalid_request', 'A position is `epoch:seq`, as in the `id` of an event.', {
      field: 'Last-Event-ID',
    });
  return { epoch, seq };
}
