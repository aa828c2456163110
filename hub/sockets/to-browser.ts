/**
 * Sends along the flow: writes notifications to one socket, in two lanes, and bounds what a client that does not read can cost.
 *
 * `Backlog` counts what is written and not known to be read. While that is much, only the newest progress per channel and
 * subject waits. Durable notifications are written at once, up to a bound; beyond it they stay in the history, from which the
 * subscription catches up when its client has read the rest. A client that reads nothing meanwhile is disconnected, and comes
 * back with its position.
 */
import {
  type ClosingCode,
  type ClosingNotice,
  closingNotice,
} from '@tidings/contracts/notifications/closing.ts';
import type { Notification } from '@tidings/contracts/notifications/notification.ts';
import type { HubDegraded } from '@tidings/contracts/notifications/socket-events.ts';
import { callEach } from '@tidings/failures/call-each.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import { jsonOf } from '../history/notification-json.ts';
import type { HubLimits } from '../limits.ts';
import type { HubMetrics } from '../metrics.ts';
import { Backlog } from './backlog.ts';
import type { NotificationWriter, ProgressHolder } from './channel-subscription.ts';
import type { ConnectedClient } from './clients.ts';
import { endConnection } from './connections.ts';
import type { BrowserSocket } from './socket-types.ts';
import { textFrames } from './text-frame.ts';

/** Checks within the time that a client has to read something. One check may fail because this process stood still. */
const CHECKS_PER_TIMEOUT = 5;
/** Bytes that a client must read in that time. While the client reads one long message, it cannot report how far it is. */
const BYTES_PER_TIMEOUT = 256 * 1024;

interface Packet {
  readonly notification: Notification;
  readonly text: string;
  /** Sockets that it was written to. */
  sockets: number;
  /** For engine.io: a WebSocket is written this frame as it is, and a client that polls gets the text. Made when it is needed. */
  framed?: Framed;
}

interface Framed {
  readonly compress: false;
  readonly wsPreEncodedFrame: readonly Buffer[];
}

/** The last packet, for all sockets that follow the channel: they are written to one after another. */
let last: Packet | null = null;
/** The last packets that were written together, for all sockets that follow the same channels. */
let lastTogether: { readonly packets: readonly Packet[]; readonly framed: Framed } | null = null;

/** The event `notification` as Socket.IO's protocol has it (version 5: type 2, the namespace `/`, no acknowledgement). */
function packetOf(notification: Notification): Packet {
  if (last?.notification !== notification)
    last = { notification, text: `2["notification",${jsonOf(notification)}]`, sockets: 0 };
  last.sockets += 1;
  return last;
}

function framedOf(packet: Packet): Framed {
  packet.framed ??= frame([packet]);
  return packet.framed;
}

function framedTogether(packets: readonly Packet[]): Framed {
  const isLast =
    lastTogether?.packets.length === packets.length &&
    lastTogether.packets.every((packet, index) => packet === packets[index]);
  if (lastTogether === null || !isLast) lastTogether = { packets, framed: frame(packets) };
  return lastTogether.framed;
}

function frame(packets: readonly Packet[]): Framed {
  // Engine.IO's protocol puts the type of a message before it.
  return { compress: false, wsPreEncodedFrame: [textFrames(packets.map(({ text }) => `4${text}`))] };
}

export class SocketWriter implements NotificationWriter, ConnectedClient {
  readonly limits: HubLimits;
  readonly metrics: HubMetrics;
  readonly #socket: BrowserSocket;
  readonly #logger: Logger;
  readonly #backlog: Backlog;
  readonly #withProgress = new Set<ProgressHolder>();
  /** What was written since `cork`; null where it is written at once. */
  #gathered: Packet[] | null = null;
  /** Called once the socket is drained, or disconnected. */
  #drainCallbacks: (() => void)[] = [];
  /** Runs while a callback waits for the client to read. */
  #readChecks: NodeJS.Timeout | undefined;
  #readAtLastCheck = 0;
  #checksWithoutReading = 0;
  #isClosed = false;

  constructor(socket: BrowserSocket, limits: HubLimits, metrics: HubMetrics, logger: Logger) {
    this.#socket = socket;
    this.limits = limits;
    this.metrics = metrics;
    this.#logger = logger;
    this.#backlog = new Backlog(socket.conn, () => this.#onRead());
    socket.conn.once('close', (reason: string) => {
      // A client that reads nothing answers no heartbeat: that may end the connection first, and then nothing can be told.
      if (!this.#isClosed && reason === 'ping timeout' && this.isOverfull()) this.#countSlowReader();
      this.#isClosed = true;
      this.#callDrainCallbacks();
    });
  }

  write(notification: Notification): void {
    if (this.#isClosed) return;
    this.metrics.written.inc({ lane: notification.lane });
    try {
      const packet = packetOf(notification);
      if (this.#gathered === null) this.#send(packet);
      else this.#gather(packet, this.#gathered);
    } catch (error) {
      this.fail(error);
    }
  }

  /** A client that polls gets each packet as text, so nothing is gathered for it. */
  cork(): void {
    if (this.#backlog.hasWebSocket) this.#gathered ??= [];
  }

  uncork(): void {
    const gathered = this.#gathered ?? [];
    this.#gathered = null;
    const [first] = gathered;
    if (first === undefined || this.#isClosed) return;
    try {
      this.#socket.conn.write('', gathered.length === 1 ? framedOf(first) : framedTogether(gathered));
    } catch (error) {
      this.fail(error);
    }
  }

  #gather(packet: Packet, gathered: Packet[]): void {
    gathered.push(packet);
    this.#backlog.gather(packet.text);
  }

  #send(packet: Packet): void {
    // A frame beside the text would double what waits for a slow client, unless several clients share it.
    const isFramed = packet.sockets > 1 || this.#backlog.packets === 0;
    this.#socket.conn.write(packet.text, isFramed ? framedOf(packet) : {});
  }

  writeToken(renewed: { channelId: string; token: string }): void {
    if (!this.#isClosed) this.#attempt(() => this.#socket.emit('channel:token', renewed));
  }

  fail(error: unknown): void {
    this.#reportFailure(error);
    this.disconnect('behind');
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  isDrained(): boolean {
    return this.#backlog.isDrained() && !this.isOverfull();
  }

  isOverfull(): boolean {
    const { packets, bytes } = this.#backlog;
    return packets >= this.limits.backlogPackets || bytes >= this.limits.backlogBytes;
  }

  flushWhenDrained(holder: ProgressHolder): void {
    if (this.isDrained()) holder.flushProgress();
    else this.#withProgress.add(holder);
  }

  whenDrained(callback: () => void): void {
    if (this.isDrained() || this.#isClosed) {
      callback();
      return;
    }
    this.#drainCallbacks.push(callback);
    if (this.#readChecks !== undefined) return;
    this.#readAtLastCheck = this.#backlog.readBytes;
    this.#checksWithoutReading = 0;
    this.#readChecks = setInterval(() => this.#checkReading(), this.limits.slowReaderMs / CHECKS_PER_TIMEOUT);
    this.#readChecks.unref();
  }

  forget(holder: ProgressHolder): void {
    this.#withProgress.delete(holder);
  }

  disconnect(code: ClosingCode): void {
    if (this.#isClosed) return;
    if (code === 'slow') this.#countSlowReader();
    if (code === 'flood') this.#countFlood();
    this.#end(closingNotice(code));
  }

  tell(notice: HubDegraded | null): void {
    this.#attempt(() => {
      if (notice === null) this.#socket.emit('hub:recovered');
      else this.#socket.emit('hub:degraded', notice);
    });
  }

  /** Asks the client to come back within so many milliseconds, to another hub, and ends the connection. */
  drain(retryAfterMs: number): void {
    if (this.#isClosed) return;
    this.#attempt(() => this.#socket.emit('server:draining', { retryAfterMs }));
    this.#end(closingNotice('draining', retryAfterMs));
  }

  /** Socket.IO's `disconnect()` would tell clients not to come back. The handshake of closing waits for the client to read, so it is bounded. */
  #end(notice: ClosingNotice): void {
    this.uncork();
    // What was gathered could not be written, and that has ended the connection.
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#withProgress.clear();
    const notify = () => void this.#socket.emit('server:closing', notice);
    const end = () => endConnection(this.#socket.conn, this.#backlog.packets === 0, this.limits.closingMs);
    callEach([notify, end], [], (error) => this.#reportFailure(error));
    this.#callDrainCallbacks();
  }

  /** A failure at this client is its own: it comes back with its position, and the others go on. */
  #attempt(work: () => void): void {
    callEach([work], [], (error) => this.fail(error));
  }

  #reportFailure(error: unknown): void {
    this.#logger.error({ err: error, socket: this.#socket.id }, 'serving a client failed');
  }

  #countSlowReader(): void {
    this.metrics.slowReaders.inc();
    const { packets, bytes } = this.#backlog;
    this.#logger.warn({ socket: this.#socket.id, code: 'slow', packets, bytes }, 'slow reader disconnected');
  }

  #countFlood(): void {
    this.metrics.floods.inc();
    this.#logger.warn({ socket: this.#socket.id, code: 'flood' }, 'client that sends too much disconnected');
  }

  #checkReading(): void {
    const { readBytes, awaitedBytes } = this.#backlog;
    this.#checksWithoutReading = readBytes === this.#readAtLastCheck ? this.#checksWithoutReading + 1 : 0;
    this.#readAtLastCheck = readBytes;
    const timeouts = Math.max(1, Math.ceil(awaitedBytes / BYTES_PER_TIMEOUT));
    if (this.#checksWithoutReading >= CHECKS_PER_TIMEOUT * timeouts) this.disconnect('slow');
  }

  #onRead(): void {
    if (this.#isClosed || !this.isDrained()) return;
    const holders = [...this.#withProgress];
    this.#withProgress.clear();
    this.cork();
    for (const holder of holders) this.#attempt(() => holder.flushProgress());
    this.#callDrainCallbacks();
    this.uncork();
  }

  #callDrainCallbacks(): void {
    clearInterval(this.#readChecks);
    this.#readChecks = undefined;
    const callbacks = this.#drainCallbacks;
    this.#drainCallbacks = [];
    callEach(callbacks, [], (error) => this.fail(error));
  }
}
