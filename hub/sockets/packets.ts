/**
 * Bounds all that a connection sends, of whatever kind. Socket.IO keeps most packets to itself, so that no handler of messages sees them:
 * each CONNECT makes a socket, and each ping of a WebSocket an answer.
 */
import { type Connection, webSocketOf } from './connections.ts';

/** Packets for each message that a socket may send in a minute, with what exceeds them until the socket ends as a flood. */
const PACKETS_PER_MESSAGE = 20;
/** CONNECT packets of one connection: a client needs one, and each of them makes a socket. */
const MOST_JOINS = 16;
const WINDOW_MS = 60_000;
/** What the text of a CONNECT packet begins with. */
const CONNECT = '0';

interface EnginePacket {
  readonly type: string;
  readonly data?: unknown;
}

/**
 * Ends the connection at once, without a word, where it sends too many packets: its client reads no answers.
 * @param messagesPerMinute that one socket may send
 */
export function boundPackets(connection: Connection, messagesPerMinute: number, onFlood: () => void): void {
  let windowEnd = 0;
  let packets = 0;
  let joins = 0;
  let isEnded = false;
  const end = () => {
    isEnded = true;
    const webSocket = webSocketOf(connection);
    // The engine takes nothing more from here on, also of what has been read already; `ws` would wait for its closing handshake.
    connection.close(true);
    webSocket?.terminate();
    onFlood();
  };
  const count = () => {
    const now = performance.now();
    if (now >= windowEnd) {
      windowEnd = now + WINDOW_MS;
      packets = 0;
    }
    packets += 1;
    if (!isEnded && (packets > messagesPerMinute * PACKETS_PER_MESSAGE || joins > MOST_JOINS)) end();
  };
  connection.on('packet', ({ type, data }: EnginePacket) => {
    if (type === 'message' && typeof data === 'string' && data.startsWith(CONNECT)) joins += 1;
    count();
  });
  const countPings = () => webSocketOf(connection)?.on('ping', count);
  countPings();
  connection.on('upgrade', countPings);
}
