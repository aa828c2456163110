import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type {
  ClientToServerEvents,
  ServerToClientEvents,
} from '@tidings/contracts/notifications/socket-events.ts';
import { durableNotification } from '@tidings/testing/notification.ts';
import { Server } from 'socket.io';
import { onTestFinished } from 'vitest';

/** A scripted hub: it keeps four durable notifications, whatever a client has received. */
export async function startScriptedHub() {
  const requests: { epoch?: string; seq?: number }[] = [];
  let refuses = false;
  const server = new Server<ClientToServerEvents, ServerToClientEvents>({ transports: ['websocket'] });
  const numbered = (seq: number) => durableNotification(seq, { data: seq });
  server.on('connection', (socket) => {
    socket.on('channel:open', (request, answer) => {
      const { epoch, seq } = 'epoch' in request ? request : {};
      requests.push({ epoch, seq });
      if (refuses) {
        answer({ error: { code: 'unavailable', message: 'Later.', retriable: true } });
        return;
      }
      const opened = { channelId: 'c', token: 't', epoch: 'e', snapshot: { progress: [], durable: [] } };
      answer({ ...opened, seq: seq === undefined ? 0 : 4, recovered: seq !== undefined });
      if (seq !== undefined) for (const missed of [2, 3, 4]) socket.emit('notification', numbered(missed));
    });
  });
  const http = createServer();
  server.attach(http);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => server.close());
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  return {
    url,
    server,
    requests,
    send: (seq: number) => server.emit('notification', numbered(seq)),
    /** Whether openings are refused, as by a hub that cannot reach the history. */
    refuse: (now: boolean) => {
      refuses = now;
    },
  };
}
