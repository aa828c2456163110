/**
 * What has been written to one socket and is not known to be read: what this process still holds, what the network has taken, and
 * what stands in the buffers of both machines. Only the client knows the last of these. So the hub sends a WebSocket ping (RFC 6455,
 * 5.5.2) behind what it has written, and the pong confirms that everything before the ping has been read. A client that polls asks for
 * more only when it has read the answer before.
 */
import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { type Connection, pingClient, type WebSocketConnection, webSocketOf } from './connections.ts';

/** Bytes written, at least, before the next ping. */
const PING_EVERY_BYTES = 16 * 1024;
/** Bytes that may be unread while newer progress is still written: enough for a distant client, little for a slow one. */
const PROGRESS_WINDOW_BYTES = 64 * 1024;

export class Backlog {
  /** null while the client polls. */
  #webSocket: WebSocketConnection | null = null;
  /** To a client that polls: the last answer, and those before it that this process still holds. */
  #answer: ServerResponse | null = null;
  readonly #heldAnswers = new Set<ServerResponse>();
  /** Bytes handed over before the last poll. */
  #polledFor = 0;
  readonly #onRead: () => void;
  /** Packets counted by `gather`, and not yet created. */
  #gathered = 0;
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
  constructor(conn: Connection, onRead: () => void) {
    this.#onRead = onRead;
    this.#countPackets(conn);
    this.#follow(conn);
    // The client has read all answers before it changes from polling to a WebSocket.
    conn.on('upgrade', () => {
      this.#receivePoll(null);
      this.#follow(conn);
    });
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

  /** Bytes that the client must read before its next pong, or its next poll, can confirm anything. */
  get awaitedBytes(): number {
    const until = this.#webSocket === null ? this.#handedOver : (this.#ping?.bytes ?? this.#read);
    return until - this.#read;
  }

  /** Whether so little is unread that newer progress is worth writing. What is gathered leaves in one write, so more may join it. */
  isDrained(): boolean {
    return this.packets === this.#gathered && this.bytes < PROGRESS_WINDOW_BYTES;
  }

  /** Whether what is written may go to a WebSocket as its frames. */
  get hasWebSocket(): boolean {
    return this.#webSocket !== null;
  }

  /** Counts a message that will be written with others, in one packet without data, before any other packet. */
  gather(text: string): void {
    this.#gathered += 1;
    this.#count(text);
  }

  /**
   * The engine emits `packetCreate` for each packet, and `flush` and then `drain` when a batch of them goes to the transport, so a
   * ping sent at `drain` stands behind the batch. The transport emits `drain` when the network has taken the batch.
   */
  #countPackets(conn: Connection): void {
    conn.on('packetCreate', ({ data = '' }: { data?: string | Buffer }) => {
      if (this.#gathered > 0) this.#gathered = 0;
      else this.#count(data);
    });
    conn.on('flush', () => {
      this.#inFlight = this.#queued;
      this.#queued = { packets: 0, bytes: 0 };
      this.#handedOver = this.#written;
    });
    conn.on('drain', () => this.#pingIfDue());
  }

  #count(data: string | Buffer): void {
    const bytes = Buffer.byteLength(data);
    this.#queued.packets += 1;
    this.#queued.bytes += bytes;
    this.#written += bytes;
  }

  #follow(conn: Connection): void {
    const { transport } = conn;
    this.#webSocket = webSocketOf(conn);
    if (this.#webSocket === null) this.#followPolls(transport);
    this.#webSocket?.on('pong', (data) => this.#receivePong(data));
    transport.on('drain', () => {
      this.#inFlight = { packets: 0, bytes: 0 };
    });
    transport.on('ready', () => this.#onRead());
  }

  /** The transport emits `ready` at each poll. What waits becomes the answer in a listener of the engine, behind this one. */
  #followPolls(transport: Connection['transport']): void {
    transport.prependListener('ready', () => {
      this.#receivePoll((transport as { res?: ServerResponse }).res ?? null);
    });
  }

  /** A client may poll without having read. So a poll confirms nothing as long as this process holds an answer to the client. */
  #receivePoll(next: ServerResponse | null): void {
    const before = this.#answer;
    this.#answer = next;
    this.#polledFor = this.#handedOver;
    if (before !== null && !before.writableFinished && !before.closed) {
      this.#heldAnswers.add(before);
      before.once('close', () => {
        this.#heldAnswers.delete(before);
        this.#confirmPolled();
        this.#onRead();
      });
    }
    this.#confirmPolled();
  }

  #confirmPolled(): void {
    if (this.#heldAnswers.size === 0) this.#read = Math.max(this.#read, this.#polledFor);
  }

  #pingIfDue(): void {
    if (this.#webSocket === null || this.#ping !== null) return;
    if (this.#handedOver - this.#read < PING_EVERY_BYTES) return;
    this.#ping = { payload: randomBytes(9).toString('base64url'), bytes: this.#handedOver };
    pingClient(this.#webSocket, this.#ping.payload);
  }

  #receivePong(data: Buffer): void {
    if (this.#ping === null || data.toString('latin1') !== this.#ping.payload) return;
    const { bytes } = this.#ping;
    this.#ping = null;
    this.#read = Math.max(this.#read, bytes);
    this.#pingIfDue();
    this.#onRead();
  }
}
