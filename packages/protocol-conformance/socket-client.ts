/** A client on plain Socket.IO, which keeps what arrives. It uses no line of our client library. */
import { io, type Socket } from 'socket.io-client';
import { waitUntil, withinPatience } from './waiting.ts';
import type { WireClosingNotice, WireError, WireNotification, WireOpened } from './wire.ts';

export class SocketClient {
  readonly socket: Socket;
  /** In the order of arrival. */
  readonly received: WireNotification[] = [];
  /** What `server:closing` said. */
  readonly notices: WireClosingNotice[] = [];
  disconnects = 0;
  readonly #patienceMs: number;

  constructor(url: string, patienceMs: number) {
    this.#patienceMs = patienceMs;
    this.socket = io(url, { transports: ['websocket'], forceNew: true, reconnection: false });
    this.socket.on('notification', (notification: WireNotification) => this.received.push(notification));
    this.socket.on('server:closing', (notice: WireClosingNotice) => this.notices.push(notice));
    this.socket.on('disconnect', () => {
      this.disconnects += 1;
    });
  }

  get durable(): WireNotification[] {
    return this.received.filter(({ lane }) => lane === 'durable');
  }

  /** Any message with an acknowledgement. @throws Error where none comes */
  ask(event: string, ...payload: unknown[]): Promise<unknown> {
    const answer: Promise<unknown> = this.socket.emitWithAck(event, ...payload);
    return withinPatience(`an acknowledgement of ${event}`, this.#patienceMs, answer);
  }

  /** @throws Error where the hub refuses */
  async open(request: object): Promise<WireOpened> {
    const answer = (await this.ask('channel:open', request)) as WireOpened | WireError;
    if ('error' in answer) throw new Error(`channel:open was refused: ${JSON.stringify(answer.error)}`);
    return answer;
  }

  /** The code of a refusal. @throws Error where the hub does not refuse */
  async refusal(event: string, ...payload: unknown[]): Promise<WireError['error']> {
    const answer = (await this.ask(event, ...payload)) as Partial<WireError> | null;
    if (typeof answer?.error?.code === 'string') return answer.error;
    throw new Error(`${event} was not refused: ${JSON.stringify(answer)}`);
  }

  until(what: string, condition: () => boolean, patienceMs = this.#patienceMs): Promise<void> {
    return waitUntil(what, patienceMs, condition);
  }

  untilDurable(count: number): Promise<void> {
    return this.until(`durable notification ${count}`, () => this.durable.length >= count);
  }

  close(): void {
    this.socket.disconnect();
  }
}
