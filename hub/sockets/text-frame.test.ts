import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { listen } from '@tidings/service-kit/http/http-server.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { WireClient } from '@tidings/testing/services/hub.ts';
import { Server } from 'socket.io';
import { expect, onTestFinished, test } from 'vitest';
import { textFrames } from './text-frame.ts';

test('a client reads text of every length as it was, one by one and together', async () => {
  const packet = (text: string) => `42["hello",${JSON.stringify(text)}]`;
  const least = packet('').length;
  const lengths = [least, 125, 126, 127, 0xffff, 0x10000, 200_000];
  const texts = ['é€😀', ...lengths.map((length) => 'x'.repeat(length - least))];
  const http = createServer();
  const server = new Server(http, { serveClient: false });
  onTestFinished(async () => void (await server.close()));
  server.on('connection', ({ conn }) => {
    for (const text of texts) {
      const options = { compress: false, wsPreEncodedFrame: [textFrames([packet(text)])] };
      conn.write(packet('not this'), options);
    }
    const together = { compress: false, wsPreEncodedFrame: [textFrames(texts.map(packet))] };
    conn.write('', together);
  });
  await listen(http, 0, '127.0.0.1');
  const received: string[] = [];
  const client = new WireClient(`http://127.0.0.1:${(http.address() as AddressInfo).port}`);
  client.raw.on('hello', (text: string) => received.push(text));
  await eventually(() => expect(received).toEqual([...texts, ...texts]));
});
