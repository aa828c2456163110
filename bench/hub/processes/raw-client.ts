/**
 * A Socket.IO client that costs a load generator little: it speaks the protocol over a bare WebSocket, and decodes a notification only
 * where it is asked to. It comes back like `socket.io-client`: at a random moment within the time that a server names, or within a second.
 */
import { WebSocket } from 'ws';

export interface RawClientOptions {
  /** Tried one after another, from the first that is not refused. */
  readonly urls: readonly string[];
  /** Which of them comes first. */
  readonly first: number;
  /** As a proxy would name the client: hubs bound opens by address. */
  readonly address: string;
  /** Default: asks for a channel of its own. */
  readonly channel?: Opened;
  readonly onNotification: (text: string, client: RawClient) => void;
  /** Called with the code that a hub gives before it ends the connection, or that of the WebSocket. */
  readonly onLost: (reason: string) => void;
  /** Called once a lost connection is open again. */
  readonly onBack?: (client: RawClient, opened: Opened) => void;
  /** Sends each connection its place in the stream of the adapter, for connection state recovery. */
  readonly recoversState?: boolean;
}

/** The answer to `channel:open`, ours or that of a bare node. */
export interface Opened {
  readonly channelId: string;
  readonly token?: string;
  readonly epoch?: string;
  readonly seq?: number;
  readonly recovered?: boolean;
  readonly snapshot?: { readonly durable: readonly { readonly eventId: string }[] };
}

const DEFAULT_RETRY_MS = 1_000;
/** Milliseconds in which a connection must have opened its channel. */
const OPEN_TIMEOUT_MS = 60_000;

export class RawClient {
  /** Events and their answers carry their numbers here: each connection opens one channel. */
  opened: Opened | undefined;
  /** The position up to which it has read. */
  position: { epoch?: string; seq?: number } = {};
  readonly #options: RawClientOptions;
  #next: number;
  #socket: WebSocket | undefined;
  #isClosed = false;
  #closing = '';
  #retryMs = DEFAULT_RETRY_MS;
  /** Of connection state recovery: the private session id, and the place of the last event. */
  #session = '';
  #offset = '';

  constructor(options: RawClientOptions) {
    this.#options = options;
    this.#next = options.first;
    this.opened = options.channel;
  }

  /** Resolves when the channel is open. */
  async connect(): Promise<void> {
    const { urls, address } = this.#options;
    const url = urls[this.#next % urls.length]?.replace('http', 'ws');
    this.#next += 1;
    this.#closing = '';
    const socket = new WebSocket(`${url}/socket.io/?EIO=4&transport=websocket`, {
      headers: { 'X-Forwarded-For': address },
      perMessageDeflate: false,
    });
    this.#socket = socket;
    const known = this.opened;
    const timer = setTimeout(() => socket.terminate(), OPEN_TIMEOUT_MS);
    const opened = await new Promise<Opened>((resolve, reject) => {
      socket.on('message', (data: Buffer) => this.#receive(data.toString(), socket, resolve, reject));
      socket.on('error', () => undefined);
      socket.on('close', () => reject(new Error('the connection was lost before its channel was open')));
    }).finally(() => clearTimeout(timer));
    this.opened = opened;
    if (known === undefined || opened.recovered === false)
      this.position = { epoch: opened.epoch, seq: opened.seq };
    this.#retryMs = DEFAULT_RETRY_MS;
    socket.on('close', (code) => {
      if (!this.#isClosed) this.#options.onLost(this.#closing || String(code));
      void this.#comeBack();
    });
    // The connection closed before anyone listened to its end.
    if (socket.readyState >= WebSocket.CLOSING) void this.#comeBack();
  }

  close(): void {
    this.#isClosed = true;
    this.#socket?.terminate();
  }

  async #comeBack(): Promise<void> {
    if (this.#socket === undefined) return;
    this.#socket = undefined;
    let retryMs = this.#retryMs;
    while (!this.#isClosed) {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * retryMs));
      retryMs = DEFAULT_RETRY_MS;
      try {
        await this.connect();
        if (this.opened !== undefined) this.#options.onBack?.(this, this.opened);
        return;
      } catch {}
    }
  }

  #receive(
    text: string,
    socket: WebSocket,
    resolve: (opened: Opened) => void,
    reject: (error: Error) => void,
  ): void {
    if (text === '2') socket.send('3');
    else if (text.startsWith('0')) socket.send(this.#connectPacket());
    else if (text.startsWith('40')) this.#join(text.slice(2), socket, resolve);
    else if (text.startsWith('430')) {
      const [answer] = JSON.parse(text.slice(3)) as [Opened & { error?: unknown }];
      if (answer.error === undefined) resolve(answer);
      else reject(new Error(`not opened: ${text}`));
    } else if (text.startsWith('42["notification"')) {
      if (this.#options.recoversState) this.#offset = (JSON.parse(text.slice(2)) as string[]).at(-1) ?? '';
      this.#options.onNotification(text, this);
    } else if (text.startsWith('42["server:draining"'))
      this.#retryMs = (JSON.parse(text.slice(2)) as [string, { retryAfterMs: number }])[1].retryAfterMs;
    else if (text.startsWith('42["server:closing"'))
      this.#closing = (JSON.parse(text.slice(2)) as [string, { code: string }])[1].code;
  }

  #connectPacket(): string {
    if (this.#session === '') return '40';
    return `40${JSON.stringify({ pid: this.#session, offset: this.#offset })}`;
  }

  #join(text: string, socket: WebSocket, resolve: (opened: Opened) => void): void {
    const { pid = '' } = JSON.parse(text) as { pid?: string };
    const isRecovered = pid !== '' && pid === this.#session;
    this.#session = pid;
    // A recovered session is in its rooms already.
    if (isRecovered && this.opened !== undefined) {
      resolve(this.opened);
      return;
    }
    const { channelId, token } = this.opened ?? {};
    socket.send(`420${JSON.stringify(['channel:open', { channelId, token, ...this.position }])}`);
  }
}
