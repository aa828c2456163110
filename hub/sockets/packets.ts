/**
 * Bounds all that a connection sends, of whatever kind, also once the engine has closed it: `ws` goes on reading for half a minute where the
 * client does not close. Socket.IO keeps most packets to itself, so that no handler of messages sees them: each CONNECT makes a socket, and
 * each ping of a WebSocket an answer.
 */
import type { HubLimits } from '../limits.ts';
import { type Connection, wasAsked, webSocketOf } from './connections.ts';
import { MinuteCount } from './minute-count.ts';

/** Packets for each message that a socket may send in a minute, with what exceeds them until the socket ends as a flood. */
const PACKETS_PER_MESSAGE = 20;
/** CONNECT packets of one connection: a client needs one, and each of them makes a socket. */
const MOST_JOINS = 16;
/** What the text of a CONNECT packet begins with. */
const CONNECT = '0';

interface EnginePacket {
  readonly type: string;
  readonly data?: unknown;
}

/** Ends the connection at once, without a word, where it sends too many packets: its client reads no answers. */
export function boundPackets(
  connection: Connection,
  { messagesPerSocketMinute, closingMs }: Pick<HubLimits, 'messagesPerSocketMinute' | 'closingMs'>,
  onFlood: () => void,
): void {
  const packets = new MinuteCount();
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
  const endIfFlood = () => {
    const most = messagesPerSocketMinute * PACKETS_PER_MESSAGE;
    if (!isEnded && (packets.count > most || joins > MOST_JOINS)) end();
  };
  const count = () => {
    packets.add();
    endIfFlood();
  };
  connection.on('packet', ({ type, data }: EnginePacket) => {
    if (type === 'message' && typeof data === 'string' && data.startsWith(CONNECT)) joins += 1;
    // Of a WebSocket each message is a packet, and counts as it comes.
    if (webSocketOf(connection) === null) count();
    else endIfFlood();
  });
  const countFrames = () => {
    const webSocket = webSocketOf(connection);
    webSocket?.on('message', count);
    webSocket?.on('ping', count);
    webSocket?.on('pong', () => wasAsked(webSocket) || count());
  };
  countFrames();
  connection.on('upgrade', countFrames);
  connection.once('close', () => {
    const webSocket = webSocketOf(connection);
    if (webSocket === null) return;
    const timer = setTimeout(() => webSocket.terminate(), closingMs);
    webSocket.once('close', () => clearTimeout(timer));
  });
}
