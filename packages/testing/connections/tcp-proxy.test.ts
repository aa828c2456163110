import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { eventually } from '../eventually.ts';
import { type ConnectionFault, startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

/** A server that sends back what it gets, behind a proxy. */
async function startEcho(
  fault: ConnectionFault | null = null,
): Promise<{ readonly proxy: TcpProxy; endAll(): void; arrived(): string[]; taken(): number }> {
  const sockets = new Set<Socket>();
  const texts: string[] = [];
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => texts.push(String(bytes)));
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const proxy = await startTcpProxy(
    () => (server.address() as AddressInfo).port,
    () => fault,
  );
  onTestFinished(() => proxy.close());
  const endAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return { proxy, endAll, arrived: () => texts, taken: () => sockets.size };
}

/** A connection, what has come back on it, and whether it was reset. */
function talk({ port }: TcpProxy): {
  readonly socket: Socket;
  readonly seen: { text: string; reset: boolean };
} {
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  const seen = { text: '', reset: false };
  socket.on('data', (bytes) => {
    seen.text += String(bytes);
  });
  socket.on('error', () => {
    seen.reset = true;
  });
  return { socket, seen };
}

test('a stall holds what is sent, and lets it go on in order', async () => {
  const { proxy } = await startEcho();
  const old = talk(proxy);
  old.socket.write('a');
  await eventually(() => expect(old.seen.text).toBe('a'));
  proxy.stall();
  old.socket.write('b');
  const fresh = talk(proxy);
  fresh.socket.write('x');
  await once(fresh.socket, 'connect');
  old.socket.write('c');
  expect([old.seen.text, fresh.seen.text]).toEqual(['a', '']);
  proxy.pass();
  await eventually(() => expect([old.seen.text, fresh.seen.text]).toEqual(['abc', 'x']));
});

// The proxy once forgot the connection when its target ended, so that the client waited for ever, and the proxy's own end for the client.
test('a target that ends during a stall has ended for the client, too, as soon as bytes may pass', async () => {
  const { proxy, endAll } = await startEcho();
  const { socket, seen } = talk(proxy);
  socket.write('a');
  await eventually(() => expect(seen.text).toBe('a'));
  proxy.stall();
  endAll();
  proxy.pass();
  await once(socket, 'close');
  const open = talk(proxy);
  open.socket.write('b');
  await eventually(() => expect(open.seen.text).toBe('b'));
  proxy.stall();
  endAll();
  await proxy.close();
});

test('a cut resets connections and refuses new ones, until bytes may pass again', async () => {
  const { proxy } = await startEcho();
  const old = talk(proxy);
  old.socket.write('a');
  await eventually(() => expect(old.seen.text).toBe('a'));
  proxy.cut();
  const refused = talk(proxy);
  await eventually(() => expect([old.seen.reset, refused.seen.reset]).toEqual([true, true]));
  proxy.pass();
  const fresh = talk(proxy);
  fresh.socket.write('b');
  await eventually(() => expect(fresh.seen.text).toBe('b'));
});

test('a lost answer: what was sent has arrived, and the connection is reset, until bytes may pass again', async () => {
  const { proxy, arrived } = await startEcho();
  const old = talk(proxy);
  await once(old.socket, 'connect');
  proxy.loseAnswers();
  old.socket.write('a');
  const fresh = talk(proxy);
  fresh.socket.write('b');
  await eventually(() => expect([old.seen.reset, fresh.seen.reset]).toEqual([true, true]));
  expect([old.seen.text, fresh.seen.text]).toEqual(['', '']);
  expect(arrived().toSorted()).toEqual(['a', 'b']);
  proxy.pass();
  const later = talk(proxy);
  later.socket.write('c');
  await eventually(() => expect(later.seen.text).toBe('c'));
});

test('answers that are held: what is sent arrives, and its answer does when bytes may pass again', async () => {
  const { proxy, arrived } = await startEcho();
  const old = talk(proxy);
  old.socket.write('a');
  await eventually(() => expect(old.seen.text).toBe('a'));
  proxy.holdAnswers();
  const fresh = talk(proxy);
  for (const { socket } of [old, fresh]) socket.write('b');
  await eventually(() => expect(arrived()).toEqual(['a', 'b', 'b']));
  expect([old.seen.text, fresh.seen.text]).toEqual(['a', '']);
  proxy.pass();
  await eventually(() => expect([old.seen.text, fresh.seen.text]).toEqual(['ab', 'b']));
});

test('a connection that is forgotten leads nowhere, also when bytes may pass again, and new ones pass', async () => {
  const { proxy, arrived, taken } = await startEcho();
  const [forgotten, other] = [talk(proxy), talk(proxy)];
  for (const { socket } of [forgotten, other]) socket.write('a');
  await eventually(() => expect([forgotten.seen.text, other.seen.text]).toEqual(['a', 'a']));
  proxy.forget(forgotten.socket.localPort);
  forgotten.socket.write('lost');
  other.socket.write('b');
  await eventually(() => expect(other.seen.text).toBe('ab'));
  proxy.swallow();
  const swallowed = talk(proxy);
  for (const { socket } of [forgotten, other, swallowed]) socket.write('lost');
  await eventually(() => expect(taken()).toBe(3));
  proxy.pass();
  const fresh = talk(proxy);
  fresh.socket.write('c');
  await eventually(() => expect(fresh.seen.text).toBe('c'));
  expect([forgotten, other, swallowed].map(({ seen }) => seen)).toEqual([
    { text: 'a', reset: false },
    { text: 'ab', reset: false },
    { text: '', reset: false },
  ]);
  expect(arrived()).toEqual(['a', 'a', 'b', 'c']);
});

test('what is refused does not arrive, and its connection is reset; everything else passes', async () => {
  const { proxy, arrived } = await startEcho();
  const old = talk(proxy);
  old.socket.write('a');
  await eventually(() => expect(old.seen.text).toBe('a'));
  proxy.refuse((sent) => sent.includes('no'));
  const fresh = talk(proxy);
  fresh.socket.write('b');
  old.socket.write('no');
  await eventually(() => expect([old.seen.reset, fresh.seen.text]).toEqual([true, 'b']));
  fresh.socket.write('c');
  await eventually(() => expect(fresh.seen).toEqual({ text: 'bc', reset: false }));
  proxy.pass();
  fresh.socket.write('no');
  await eventually(() => expect(fresh.seen.text).toBe('bcno'));
  expect(arrived()).toEqual(['a', 'b', 'c', 'no']);
});

test('an end on one side is an end on the other', async () => {
  const { socket, seen } = talk((await startEcho()).proxy);
  socket.end('last words');
  await once(socket, 'end');
  expect(seen).toEqual({ text: 'last words', reset: false });
});

test.each(['to', 'back'] as const)(
  'a connection ends behind its byte, in the direction %s',
  async (direction) => {
    const { proxy, arrived } = await startEcho({ direction, afterBytes: 3, kind: 'reset', delayMs: 1 });
    const { socket, seen } = talk(proxy);
    socket.write('abcdef');
    await new Promise((resolve) => socket.once('close', resolve));
    expect('abc'.startsWith(seen.text)).toBe(true);
    expect(arrived().join('')).toBe(direction === 'to' ? 'abc' : 'abcdef');
  },
);

test('a connection falls mute behind its byte, and neither end notices', async () => {
  const { proxy, arrived } = await startEcho({ direction: 'to', afterBytes: 3, kind: 'mute', delayMs: 0 });
  const { socket, seen } = talk(proxy);
  socket.write('ab');
  await eventually(() => expect(seen.text).toBe('ab'));
  socket.write('cd');
  socket.write('ef');
  const other = talk(proxy);
  other.socket.write('gh');
  await eventually(() => expect(other.seen.text).toBe('gh'));
  expect([seen, socket.closed, arrived()]).toEqual([{ text: 'ab', reset: false }, false, ['ab', 'gh']]);
});
