import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { textFrame } from './text-frame.ts';

test('a client reads text of every length as it was', async () => {
  const lengths = [0, 1, 125, 126, 127, 0xffff, 0x10000, 200_000];
  const texts = ['é€😀', ...lengths.map((length) => 'x'.repeat(length))];
  const http = createServer();
  const accepting = new WebSocketServer({ noServer: true });
  http.on('upgrade', (request, socket, head) => {
    accepting.handleUpgrade(request, socket, head, () => {
      for (const text of texts) socket.write(textFrame(text));
    });
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const client = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`);
  onTestFinished(() => {
    client.terminate();
    http.close();
  });
  const received: string[] = [];
  await new Promise<void>((resolve, reject) => {
    client.on('error', reject);
    client.on('message', (data) => {
      received.push(String(data));
      if (received.length === texts.length) resolve();
    });
  });
  expect(received).toEqual(texts);
});
