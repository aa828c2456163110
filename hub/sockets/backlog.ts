/**
 * What has been written to one socket and is not known to be read: what waits in this process, what the network has taken,
 * and what stands in the buffers of both machines. Only the reader can tell the last of these, so it is asked: behind what was
 * written goes a WebSocket ping (RFC 6455, 5.5.2), and its pong says that everything before it has been read.
 */
import { randomBytes } from 'node:crypto';
import type { Socket } from 'socket.io';

/** Bytes written, at least, before the client is asked again. */
const PING_EVERY_BYTES = 16 * 1024;
/** Bytes that may be unread while newer progress is still written: enough for a distant client, little for one that is slow. */
const PROGRESS_WINDOW_BYTES = 64 * 1024;

/** What is used of the connection under engine.io's WebSocket transport, an object of `ws`. */
interface PingableConnection {
  ping(data: string): void;
  on(event: 'pong', listener: (data: Buffer) => void): void;
}

export class Backlog {
  readonly #connection: PingableConnection;
  readonly #onRead: () => void;
  /** Packets made and not yet handed to the transport, and handed over and not yet taken by the network. */
  #queued = { packets: 0, bytes: 0 };
  #inFlight = { packets: 0, bytes: 0 };
  /** Bytes since the socket was opened: written, handed to the transport, and known to be read. */
  #written = 0;
  #handedOver = 0;
  #read = 0;
  /** The ping that is under way: a word that nobody can guess, and the bytes before it. */
  #ping: { readonly word: string; readonly bytes: number } | null = null;

  /** @param onRead called when the network has taken what waited, and when the client has read more */
  constructor(conn: Socket['conn'], onRead: () => void) {
    const { websocket } = conn.request as { websocket?: PingableConnection };
    if (websocket === undefined) throw new Error('the hub speaks WebSocket only');
    this.#connection = websocket;
    this.#onRead = onRead;
    this.#countPackets(conn);
    websocket.on('pong', (data) => this.#receivePong(data));
  }

  /** Of packets that the network has not taken. */
  get packets(): number {
    return this.#queued.packets + this.#inFlight.packets;
  }

  /** Bytes that this process still holds, or that are not known to be read: whichever is more. */
  get bytes(): number {
    return Math.max(this.#queued.bytes + this.#inFlight.bytes, this.#written - this.#read);
  }

  /** Bytes that the client is known to have read; rises. */
  get read(): number {
    return this.#read;
  }

  /** Bytes that the client is to read before it can tell of any. */
  get asked(): number {
    return this.#ping === null ? 0 : this.#ping.bytes - this.#read;
  }

  /** Whether more than the newest of each subject would only wait. */
  isDrained(): boolean {
    return this.packets === 0 && this.bytes < PROGRESS_WINDOW_BYTES;
  }

  /**
   * The engine tells of each packet when it is made, of each batch when it goes to the transport, and the transport when the
   * network has taken it. The engine's own `drain` comes right after a batch went to the transport, so a ping stands behind it.
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
    conn.on('drain', () => this.#ask());
    conn.transport.on('drain', () => {
      this.#inFlight = { packets: 0, bytes: 0 };
    });
    conn.transport.on('ready', () => this.#onRead());
  }

  #ask(): void {
    if (this.#ping !== null || this.#handedOver - this.#read < PING_EVERY_BYTES) return;
    this.#ping = { word: randomBytes(9).toString('base64url'), bytes: this.#handedOver };
    this.#connection.ping(this.#ping.word);
  }

  #receivePong(data: Buffer): void {
    if (this.#ping === null || data.toString('latin1') !== this.#ping.word) return;
    this.#read = this.#ping.bytes;
    this.#ping = null;
    this.#ask();
    this.#onRead();
  }
}
