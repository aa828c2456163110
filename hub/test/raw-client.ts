/** For tests: a client of Socket.IO's protocol that sends frame by frame, also what no library sends. */
import { type RawConnection, sendRaw } from '@tidings/testing/connections/raw-connection.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { expect } from 'vitest';

export const TEXT = 0x81;
export const PING = 0x89;
export const PONG = 0x8a;

/** A frame of a client: the mask changes nothing. @param text of at most 125 bytes */
export function frame(opcode: number, text: string): Buffer {
  const payload = Buffer.from(text);
  return Buffer.concat([Buffer.from([opcode, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
}

/** Opens a WebSocket to the hub. */
export async function connect(port: number): Promise<RawConnection> {
  const connection = sendRaw(
    port,
    'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
  );
  await eventually(() => expect(connection.received()).toContain('"sid"'));
  return connection;
}

/** Connects, so that messages may be sent. */
export async function join(port: number): Promise<RawConnection> {
  const connection = await connect(port);
  connection.socket.write(frame(TEXT, '40'));
  await eventually(() => expect(connection.received()).toContain('40{'));
  return connection;
}
