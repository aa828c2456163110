/**
 * What has been written to one socket and is not known to be read: what this process still holds, what the network has taken, and
 * what stands in the buffers of both machines. Only the client knows the last of these. So the hub sends a WebSocket ping (RFC 6455,
 * 5.5.2) behind what it has written, and the pong confirms that everything before the ping has been read.
 */
import { randomBytes } from 'node:crypto';
import type { Socket } from 'socket.io';

/** Bytes written, at least, before the next ping. */
const PING_EVERY_BYTES = 16 * 1024;
/** Bytes that may be unread while newer progress is still written: enough for a distant client, little for a slow one. */
const PROGRESS_WINDOW_BYTES = 64 * 1024;

/** What is used of the connection under engine.io's WebSocket transport, an object of `ws`. */
interface PingableConnection {
  ping(data: string): void;
  on(event: 'pong', listener: (data: Buffer) => void): void;
}

export class Backlog {
  readonly #connection: PingableConnection;
  readonly #onRead: () => void;
  /** Created, and not yet handed to the transport. */
  #queued = { packets: 0, bytes: 0 };
  /** Handed to the transport, and not yet taken by the network. */
  #inFlight = { packets: 0, bytes: 0 };
  /** Bytes since the socket was opened: written, handed to the transport, and known to be read. */
  #written = 0;
  #handedOver = 0;
  #read = 0;
  /** The ping without a pong: a random payload, which the client cannot guess, and the bytes written before it. */
  #ping: { readonly payload: string; readonly bytes: number } | null = null;

  /** @param onRead called when the network has taken what waited, and when the client has read more */
  constructor(conn: Socket['conn'], onRead: () => void) {
    const { websocket } = conn.request as { websocket?: PingableConnection };
    if (websocket === undefined) throw new Error('the hub speaks WebSocket only');
    this.#connection = websocket;
    this.#onRead = onRead;
    this.#countPackets(conn);
    websocket.on('pong', (data) => this.#receivePong(data));
  }

  /** Packets that the network has not taken. */
  get packets(): number {
    return this.#queued.packets + this.#inFlight.packets;
  }

  /** Bytes that this process still holds, or that are not known to be read: whichever is more. */
  get bytes(): number {
    return Math.max(this.#queued.bytes + this.#inFlight.bytes, this.#written - this.#read);
  }

  /** Bytes that the client is known to have read; rises. */
  get readBytes(): number {
    return this.#read;
  }

  /** Bytes that the client must read before its next pong. */
  get awaitedBytes(): number {
    return this.#ping === null ? 0 : this.#ping.bytes - this.#read;
  }

  /** Whether so little is unread that newer progress is worth writing. */
  isDrained(): boolean {
    return this.packets === 0 && this.bytes < PROGRESS_WINDOW_BYTES;
  }

  /**
   * The engine emits `packetCreate` for each packet, and `flush` and then `drain` when a batch of them goes to the transport, so a
   * ping sent at `drain` stands behind the batch. The transport emits `drain` when the network has taken the batch.
   */
  #countPackets(conn: Socket['conn']): void {
    conn.on('packetCreate', (packet: { data?: string | Buffer }) => {
      const bytes = packet.data === undefined ? 0 : Buffer.byteLength(packet.data);
      this.#queued.packets += 1;
      this.#queued.bytes += bytes;
      this.#written += bytes;
    });
    conn.on('flush', () => {
      this.#inFlight = this.#queued;
      this.#queued = { packets: 0, bytes: 0 };
      this.#handedOver = this.#written;
    });
    conn.on('drain', () => this.#pingIfDue());
    conn.transport.on('drain', () => {
      this.#inFlight = { packets: 0, bytes: 0 };
    });
    conn.transport.on('ready', () => this.#onRead());
  }

  #pingIfDue(): void {
    if (this.#ping !== null || this.#handedOver - this.#read < PING_EVERY_BYTES) return;
    this.#ping = { payload: randomBytes(9).toString('base64url'), bytes: this.#handedOver };
    this.#connection.ping(this.#ping.payload);
  }

  #receivePong(data: Buffer): void {
    if (this.#ping === null || data.toString('latin1') !== this.#ping.payload) return;
    this.#read = this.#ping.bytes;
    this.#ping = null;
    this.#pingIfDue();
    this.#onRead();
  }
}
