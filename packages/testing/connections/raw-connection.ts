/** For tests: one TCP connection byte by byte, for clients that follow no protocol. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { eventually } from '../eventually.ts';

export interface RawConnection {
  readonly socket: Socket;
  /** Everything that has come back. */
  received(): string;
  /** The status codes of the answers that have come back. */
  statuses(): number[];
  /** Resolves with everything that has come back once the other side has ended the connection; rejects where it was reset. */
  readonly ended: Promise<string>;
}

/**
 * Connects, and sends the text.
 * @param localAddress of this machine, where it must be another than the usual one
 */
export function sendRaw(port: number, text: string, localAddress?: string): RawConnection {
  const socket = connect({ port, host: '127.0.0.1', localAddress });
  onTestFinished(() => void socket.destroy());
  let received = '';
  socket.on('data', (bytes) => {
    received += String(bytes);
  });
  const ended = once(socket, 'end').then(() => received);
  ended.catch(() => undefined);
  socket.on('error', () => undefined);
  socket.write(text);
  return {
    socket,
    received: () => received,
    statuses: () => [...received.matchAll(/HTTP\/1.1 (\d+)/g)].map(([, status]) => Number(status)),
    ended,
  };
}

/** The problem document that is the answer; waits for it, long only on busy machines. */
export function problemOn(connection: RawConnection): Promise<{ status: number; code: string }> {
  return eventually(() => JSON.parse(/\r\n\r\n(\{.*\})$/s.exec(connection.received())?.[1] ?? ''));
}
