/** The rows of engine.io and socket.io in “Libraries we lean on” of ARCHITECTURE. */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server, type Socket } from 'socket.io';
import { type Socket as ClientSocket, io } from 'socket.io-client';
import { describe, expect, onTestFinished, test } from 'vitest';
import { eventually } from '../eventually.ts';

describe('engine.io', () => {
  test('packetCreate, flush and drain of a connection; then drain and ready of its transport; transport.socket answers pings', async () => {
    const { server, connect } = await startServer();
    const opened = new Promise<Socket>((resolve) => server.on('connection', resolve));
    await connect();
    const { conn } = await opened;
    const websocket = websocketOf(conn);
    // What the opening itself writes has gone.
    await eventually(() => expect(conn.transport.writable).toBe(true));
    const events: string[] = [];
    conn.on('packetCreate', ({ data }: { data?: unknown }) => events.push(`packetCreate ${String(data)}`));
    for (const name of ['flush', 'drain'] as const) conn.on(name, () => events.push(name));
    for (const name of ['drain', 'ready']) conn.transport.on(name, () => events.push(`transport ${name}`));
    // What the client gets is a Socket.IO packet: any other would end its connection.
    conn.write('2["hello"]');
    await eventually(() => expect(events.at(-1)).toBe('transport ready'));
    expect(events).toEqual([
      'packetCreate 2["hello"]',
      'flush',
      'drain',
      'transport drain',
      'transport ready',
    ]);
    const pong = once(websocket, 'pong');
    websocket.ping('payload');
    expect(String((await pong)[0])).toBe('payload');
  });

  test('wsPreEncodedFrame of a packet is what a WebSocket is written; a transport that polls is written the packet', async () => {
    const { server, connect } = await startServer();
    const text = '2["hello","as text"]';
    const payload = Buffer.from('42["hello","as a frame"]');
    const wsPreEncodedFrame = [Buffer.from([0x81, payload.length]), payload];
    for (const [transport, expected] of [
      ['websocket', 'as a frame'],
      ['polling', 'as text'],
    ] as const) {
      const opened = new Promise<Socket>((resolve) => server.once('connection', resolve));
      const client = await connect([transport]);
      const hello = new Promise((resolve) => client.on('hello', resolve));
      const options = { compress: false, wsPreEncodedFrame };
      (await opened).conn.write(text, options);
      expect(await hello).toBe(expected);
    }
  });

  test('several frames in one buffer are as many messages, and their packet is created without data', async () => {
    const { server, connect } = await startServer();
    const opened = new Promise<Socket>((resolve) => server.once('connection', resolve));
    const client = await connect();
    const received: string[] = [];
    client.on('hello', (word: string) => received.push(word));
    const { conn } = await opened;
    const created: unknown[] = [];
    conn.on('packetCreate', (packet: object) => created.push('data' in packet));
    const payloads = ['one', 'two', 'three'].map((word) => Buffer.from(`42["hello","${word}"]`));
    const frames = payloads.flatMap((payload) => [Buffer.from([0x81, payload.length]), payload]);
    const options = { compress: false, wsPreEncodedFrame: [Buffer.concat(frames)] };
    conn.write('', options);
    await eventually(() => expect(received).toEqual(['one', 'two', 'three']));
    expect(created).toEqual([false]);
  });

  test('upgrade: emitted on a server that does not listen, it opens a connection, whose first packet is written in the same turn', async () => {
    const { server, upgrades, connect } = await startServer();
    const connected: unknown[] = [];
    const turns: string[] = [];
    server.engine.on('connection', (connection: { request: unknown }) => {
      connected.push(connection.request);
      turns.push('opened');
    });
    upgrades.on('upgrade', () => setImmediate(() => turns.push('next turn')));
    await connect();
    expect(turns).toEqual(['opened', 'next turn']);
    expect(connected).toEqual([
      expect.objectContaining({ socket: expect.objectContaining({ remotePort: expect.any(Number) }) }),
    ]);
  });

  test('transport.socket.terminate() is a lost connection for the client', async () => {
    const { server, connect } = await startServer();
    const opened = new Promise<Socket>((resolve) => server.on('connection', resolve));
    const client = await connect();
    const reason = new Promise((resolve) => client.on('disconnect', resolve));
    websocketOf((await opened).conn).terminate();
    expect(await reason).toBe('transport close');
  });

  test('a transport that polls emits ready at each poll, with the answer as res, before the engine writes what waits', async () => {
    const { server, connect } = await startServer();
    const opened = new Promise<Socket>((resolve) => server.on('connection', resolve));
    await connect(['polling']);
    const { conn } = await opened;
    const transport = conn.transport as typeof conn.transport & {
      res?: ServerResponse | null;
      socket?: unknown;
    };
    expect(transport).toMatchObject({ name: 'polling' });
    expect(transport.socket).toBeUndefined();
    const polls: [boolean, number][] = [];
    transport.prependListener('ready', () => polls.push([transport.res?.writableEnded === false, waiting()]));
    const waiting = () => (conn as unknown as { writeBuffer: unknown[] }).writeBuffer.length;
    for (const word of ['first', 'second']) conn.write(`2["${word}"]`);
    await eventually(() => expect(polls.length).toBeGreaterThan(1));
    expect(polls.every(([isOpen]) => isOpen)).toBe(true);
    expect(polls.some(([, packets]) => packets > 0)).toBe(true);
    expect(waiting()).toBe(0);
  });

  test('engine.clients has a session by its id; close(true) ends it at once, and the next poll is refused', async () => {
    const { server, connect } = await startServer();
    const opened = new Promise<Socket>((resolve) => server.on('connection', resolve));
    const client = await connect(['polling']);
    const { conn } = await opened;
    const { clients } = server.engine as unknown as { clients: Record<string, unknown> };
    expect(clients[client.io.engine.id]).toBe(conn);
    const reason = new Promise((resolve) => client.on('disconnect', resolve));
    conn.close(true);
    expect(clients).toEqual({});
    expect(await reason).toMatch(/^transport (close|error)$/);
  });

  test('upgrade of a connection comes with its new transport, before anything is written to that', async () => {
    const { server, connect } = await startServer();
    const opened = new Promise<Socket>((resolve) => server.on('connection', resolve));
    const events: string[] = [];
    void opened.then(({ conn }) => {
      for (const name of ['upgrade', 'flush'] as const)
        conn.on(name, () => events.push(`${name} ${conn.transport.name}`));
      // So that something always waits for the client's next poll, also when it has made its last one.
      conn.on('flush', () => {
        if (conn.transport.name === 'polling') setImmediate(() => conn.write('2["waits"]'));
      });
      conn.write('2["waits"]');
    });
    await connect(['polling', 'websocket']);
    await eventually(() => expect(events).toContain('flush websocket'));
    expect(events.indexOf('upgrade websocket')).toBeGreaterThan(-1);
    expect(events.indexOf('upgrade websocket')).toBeLessThan(events.indexOf('flush websocket'));
  });
});

describe('engine.io-client', () => {
  test('transport.ws: while it is paused nothing arrives, and after resume all of it does', async () => {
    const { server, connect } = await startServer();
    const opened = new Promise<Socket>((resolve) => server.on('connection', resolve));
    const client = await connect();
    const socket = await opened;
    const { ws } = client.io.engine.transport as unknown as {
      ws: { isPaused: boolean; pause(): void; resume(): void; terminate(): void };
    };
    const received: unknown[] = [];
    client.on('text', (text) => received.push(text));
    ws.pause();
    expect(ws.isPaused).toBe(true);
    const sent = Array.from({ length: 20 }, (_, index) => index);
    for (const text of sent) socket.emit('text', text);
    await eventually(() => expect(socket.conn.transport.writable).toBe(true));
    expect(received).toEqual([]);
    ws.resume();
    await eventually(() => expect(received).toEqual(sent));
    const reason = new Promise((resolve) => client.on('disconnect', resolve));
    ws.terminate();
    expect(await reason).toBe('transport close');
  });
});

describe('socket.io', () => {
  test('socket.use sees every message, also of names without a listener, with the acknowledgement last', async () => {
    const { server, connect } = await startServer();
    const messages: unknown[][] = [];
    server.on('connection', (socket) => socket.use((message) => messages.push(message)));
    const client = await connect();
    client.emit('unknown', { any: 'payload' }, () => undefined);
    await eventually(() => expect(messages).toEqual([['unknown', { any: 'payload' }, expect.any(Function)]]));
  });

  test('a packet that is written to the connection is an event for the client, in its order among the others', async () => {
    const { server, connect } = await startServer();
    const opened = new Promise<Socket>((resolve) => server.on('connection', resolve));
    const client = await connect();
    const events: unknown[][] = [];
    client.onAny((...event) => events.push(event));
    const socket = await opened;
    socket.emit('before');
    socket.conn.write('2["hello",{"number":1}]');
    socket.emit('after');
    await eventually(() => expect(events).toEqual([['before'], ['hello', { number: 1 }], ['after']]));
  });

  test('conn.close() is a lost connection for the client, which comes back', async () => {
    const { server, connect } = await startServer();
    server.on('connection', (socket) => socket.conn.close());
    const client = await connect();
    const reason = await new Promise((resolve) => client.on('disconnect', resolve));
    expect(reason).toBe('transport close');
  });
});

/** A Socket.IO server that gets its upgrades from another server, as in the hub. */
async function startServer() {
  const http = createServer();
  const accepted = createServer();
  const server = new Server(accepted, { transports: ['websocket', 'polling'], serveClient: false });
  http.on('request', (request, response) => server.engine.handleRequest(request, response));
  http.on('upgrade', (request, socket, head) => accepted.emit('upgrade', request, socket, head));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.engine.close();
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
  });
  const { port } = http.address() as AddressInfo;
  const connect = async (transports = ['websocket']): Promise<ClientSocket> => {
    const client = io(`http://127.0.0.1:${port}`, {
      transports,
      forceNew: true,
      reconnection: false,
    });
    onTestFinished(() => {
      client.disconnect();
    });
    await new Promise<void>((resolve) => client.on('connect', resolve));
    return client;
  };
  return { server, upgrades: http, connect };
}

interface WebSocketConnection extends NodeJS.EventEmitter {
  ping(payload: string): void;
  terminate(): void;
}

function websocketOf({ transport }: Socket['conn']): WebSocketConnection {
  const { socket } = transport as { socket?: WebSocketConnection };
  if (socket === undefined) throw new Error('transport.socket: engine.io has not set it');
  return socket;
}
