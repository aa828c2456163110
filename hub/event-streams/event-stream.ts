/**
 * Sends along the flow: writes notifications to one response as server-sent events, in two lanes, and bounds what a client that does not
 * read can cost. What the network has taken counts as read: unlike a WebSocket, a response gets no word from its client.
 */
import { type ClosingCode, closingNotice } from '@tidings/contracts/notifications/closing.ts';
import type { Notification } from '@tidings/contracts/notifications/notification.ts';
import type { HubDegraded, OpenedChannel } from '@tidings/contracts/notifications/socket-events.ts';
import { callEach } from '@tidings/failures/call-each.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import type { Response } from 'express';
import { jsonOf } from '../history/notification-json.ts';
import type { HubLimits } from '../limits.ts';
import type { HubMetrics } from '../metrics.ts';
import type { NotificationWriter, ProgressHolder } from '../sockets/channel-subscription.ts';
import type { ConnectedClient } from '../sockets/clients.ts';

/** Milliseconds between two heartbeats: proxies end connections on which nothing comes. */
const HEARTBEAT_MS = 15_000;
/** Checks in a row without any reading after which a client is too slow. One check may fail because this process stood still. */
const CHECKS_WITHOUT_READING = 2;

export const streamHeaders = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store',
  // With this header a proxy that buffers by default passes on each event as it comes.
  'X-Accel-Buffering': 'no',
};

export interface EventStreamParts {
  readonly limits: HubLimits;
  readonly metrics: HubMetrics;
  readonly logger: Logger;
}

export class EventStream implements NotificationWriter, ConnectedClient {
  readonly limits: HubLimits;
  readonly metrics: HubMetrics;
  readonly #response: Response;
  readonly #logger: Logger;
  readonly #withProgress = new Set<ProgressHolder>();
  /** Called once the response is drained, or closed. */
  #drainCallbacks: (() => void)[] = [];
  readonly #heartbeats: NodeJS.Timeout;
  readonly #readChecks: NodeJS.Timeout;
  #takenAtLastCheck = 0;
  #checksWithoutReading = 0;
  /** The notice of the hub's degradation at the time when the client came. The stream sends it after the snapshot. */
  #notice: HubDegraded | null = null;
  /** Whether the answer has begun. Until then the request may still be refused. */
  #isOpen = false;
  #isClosed = false;

  constructor(response: Response, { limits, metrics, logger }: EventStreamParts) {
    this.limits = limits;
    this.metrics = metrics;
    this.#response = response;
    this.#logger = logger;
    this.#heartbeats = setInterval(() => this.#send(': here\n\n'), HEARTBEAT_MS).unref();
    this.#readChecks = setInterval(() => this.#checkReading(), limits.slowReaderMs).unref();
    response.on('drain', () => this.#onDrain());
    response.once('close', () => this.#stop());
    if (response.closed) this.#stop();
  }

  /** Sends the first event: the answer of `channel:open` without the token. Only a snapshot that replaces all has the position as its id. */
  open({ token: _token, ...opened }: OpenedChannel): void {
    if (this.#isClosed) return;
    this.#isOpen = true;
    this.#response.status(200).set(streamHeaders);
    this.#response.flushHeaders();
    this.#response.socket?.setNoDelay(true);
    const id = opened.recovered ? undefined : `${opened.epoch}:${opened.seq}`;
    this.#event('snapshot', JSON.stringify(opened), id);
    if (this.#notice !== null) this.tell(this.#notice);
  }

  write(notification: Notification): void {
    if (this.#isClosed) return;
    const { lane, epoch, seq } = notification;
    this.metrics.written.inc({ lane });
    const id = lane === 'durable' ? `${epoch}:${seq}` : undefined;
    this.#attempt(() => this.#event('notification', jsonOf(notification), id));
  }

  cork(): void {
    this.#response.socket?.cork();
  }

  uncork(): void {
    this.#response.socket?.uncork();
  }

  writeToken(renewed: { channelId: string; token: string }): void {
    this.#event('channel:token', JSON.stringify(renewed));
  }

  fail(error: unknown): void {
    this.#reportFailure(error);
    this.disconnect('behind');
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  isDrained(): boolean {
    return !this.#response.writableNeedDrain;
  }

  isOverfull(): boolean {
    return this.#response.writableLength >= this.limits.backlogBytes;
  }

  flushWhenDrained(holder: ProgressHolder): void {
    if (this.isDrained()) this.#attempt(() => holder.flushProgress());
    else this.#withProgress.add(holder);
  }

  whenDrained(callback: () => void): void {
    if (this.#isClosed || this.isDrained()) callback();
    else this.#drainCallbacks.push(callback);
  }

  disconnect(code: ClosingCode): void {
    if (this.#isClosed) return;
    if (code === 'slow') {
      this.metrics.slowReaders.inc();
      const bytes = this.#response.writableLength;
      this.#logger.warn({ code, bytes }, 'slow reader of an event stream disconnected');
    }
    this.#end(code);
  }

  tell(notice: HubDegraded | null): void {
    this.#notice = notice;
    if (notice === null) this.#event('recovered', '{}');
    else this.#event('degraded', JSON.stringify(notice));
  }

  /** Asks the client to come back within so many milliseconds, to another hub, and ends the response. */
  drain(retryAfterMs: number): void {
    if (this.#isClosed) return;
    this.#send(`retry: ${retryAfterMs}\n`);
    this.#event('draining', JSON.stringify({ retryAfterMs }));
    this.#end('draining', retryAfterMs);
  }

  #end(code: ClosingCode, retryAfterMs?: number): void {
    this.#event('closed', JSON.stringify(closingNotice(code, retryAfterMs)));
    this.#stop();
    const response = this.#response;
    if (!this.#isOpen || response.destroyed) return void response.destroy();
    const timer = setTimeout(() => response.destroy(), this.limits.closingMs);
    response.once('close', () => clearTimeout(timer));
    response.end();
  }

  #event(name: string, json: string, id?: string): void {
    this.#send(`${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${json}\n\n`);
  }

  /** A response that takes nothing is destroyed: its client comes back with its position. Never throws. */
  #send(text: string): void {
    if (!this.#isOpen || this.#isClosed) return;
    try {
      this.#response.write(text);
    } catch (error) {
      this.#reportFailure(error);
      this.#stop();
      this.#response.destroy();
    }
  }

  /** A failure at this client is its own: it comes back with its position, and the others go on. */
  #attempt(work: () => void): void {
    callEach([work], [], (error) => this.fail(error));
  }

  #reportFailure(error: unknown): void {
    this.#logger.error({ err: error }, 'serving an event stream failed');
  }

  #checkReading(): void {
    const waiting = this.#response.writableLength;
    const taken = (this.#response.socket?.bytesWritten ?? 0) - waiting;
    const stands = waiting > 0 && taken === this.#takenAtLastCheck;
    this.#checksWithoutReading = stands ? this.#checksWithoutReading + 1 : 0;
    this.#takenAtLastCheck = taken;
    if (this.#checksWithoutReading >= CHECKS_WITHOUT_READING) this.disconnect('slow');
  }

  #onDrain(): void {
    if (this.#isClosed || !this.isDrained()) return;
    const holders = [...this.#withProgress];
    this.#withProgress.clear();
    for (const holder of holders) this.#attempt(() => holder.flushProgress());
    this.#callDrainCallbacks();
  }

  #stop(): void {
    this.#isClosed = true;
    clearInterval(this.#heartbeats);
    clearInterval(this.#readChecks);
    this.#withProgress.clear();
    this.#callDrainCallbacks();
  }

  #callDrainCallbacks(): void {
    const callbacks = this.#drainCallbacks;
    this.#drainCallbacks = [];
    callEach(callbacks, [], (error) => this.fail(error));
  }
}
