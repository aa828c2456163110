/** The connection of engine.io under a client. A WebSocket is one TCP connection; polling is a session over many requests. */
import type { Socket } from 'socket.io';

export type Connection = Socket['conn'];

/** What is used of an object of `ws`, which the transport keeps as `socket`. */
export interface WebSocketConnection {
  ping(data: string): void;
  on(event: 'message' | 'ping' | 'pong', listener: (data: Buffer) => void): void;
  once(event: 'close', listener: () => void): void;
  terminate(): void;
}

/** Connections whose clients owe the hub a pong. */
const pinged = new WeakSet<WebSocketConnection>();

/** Sends a ping. One is under way at a time. */
export function pingClient(webSocket: WebSocketConnection, payload: string): void {
  pinged.add(webSocket);
  webSocket.ping(payload);
}

/** Whether the pong that has come was asked for. */
export function wasAsked(webSocket: WebSocketConnection): boolean {
  return pinged.delete(webSocket);
}

/** null where the client polls. */
export function webSocketOf({ transport }: Connection): WebSocketConnection | null {
  return (transport as { socket?: WebSocketConnection }).socket ?? null;
}

/**
 * Ends the connection once all that is written has left, at the latest after the time given. Without that bound, a closing handshake
 * and a session that polls would wait for the client.
 * @param isFlushed whether nothing waits for the transport
 */
export function endConnection(conn: Connection, isFlushed: boolean, timeoutMs: number): void {
  const webSocket = webSocketOf(conn);
  const end = () => (webSocket === null ? void conn.close(true) : webSocket.terminate());
  const timer = setTimeout(end, timeoutMs);
  conn.once('close', () => clearTimeout(timer));
  if (webSocket !== null) conn.close();
  // The engine would wait 30 s for one more poll. A client whose session is gone gets 400 for its next one, and connects anew.
  else if (isFlushed) conn.close(true);
  else conn.once('drain', end);
}
