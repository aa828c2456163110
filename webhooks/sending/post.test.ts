import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { answerWith, startReceiver } from '../test/receiver.ts';
import type { AddressRules, ResolvedAddress } from './addresses.ts';
import { post } from './post.ts';

const loopback: ResolvedAddress = { address: '127.0.0.1', family: 4 };
const rulesFor = (resolve: AddressRules['resolve'], allowLoopback = true): AddressRules => ({
  allowLoopback,
  resolve,
});
const local = rulesFor(async () => [loopback]);
const send = (url: string, rules = local, timeoutMs?: number) =>
  post({ url, body: '{"type":"t","data":{}}', headers: { 'webhook-id': 'one' }, rules, timeoutMs });

/** A listener that counts connections. */
async function listener(onConnection?: (socket: import('node:net').Socket) => void) {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.on('error', () => undefined);
    onTestFinished(() => void socket.destroy());
    onConnection?.(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, connections: () => connections };
}

/** A server that answers with its own address. @param port 0: any @returns its port */
async function namedListener(address: string, port: number): Promise<number> {
  const server = createHttpServer((_request, response) => void response.end(address));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, resolve);
  });
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

test('an answer is delivered where it is 2xx, and its first characters are kept without control characters', async () => {
  const receiver = await startReceiver();
  receiver.answer = answerWith(202, `\u001b[31mfine\n${'x'.repeat(2_000)}`);
  const { answer } = await send(receiver.url);
  expect(answer).toMatchObject({ status: 202, error: null });
  expect(answer.body).toMatch(/^\[31mfine x+$/);
  expect(answer.body).toHaveLength(500);
  expect(receiver.received[0]?.headers).toMatchObject({
    'webhook-id': 'one',
    'content-type': 'application/json',
  });
});

test('a redirect is not followed', async () => {
  const [receiver, target] = [await startReceiver(), await startReceiver()];
  receiver.answer = answerWith(307, '', { Location: target.url });
  expect((await send(receiver.url)).answer).toMatchObject({ status: 307, error: 'redirect_not_followed' });
  expect(target.received).toEqual([]);
});

test('an answer is read to 64 KiB, and its sender is not waited for', async () => {
  const receiver = await startReceiver();
  let written = 0;
  receiver.answer = (response) => {
    response.writeHead(200);
    const writing = setInterval(() => {
      written += 16_384;
      response.write('y'.repeat(16_384));
    }, 1);
    response.once('close', () => clearInterval(writing));
  };
  expect((await send(receiver.url)).answer).toMatchObject({ status: 200, error: null });
  expect(written).toBeLessThan(10 * 1024 * 1024);
});

test('a server that is silent, or whose answer never ends, is left after the time', async () => {
  const silent = await listener();
  expect((await send(`http://127.0.0.1:${silent.port}/`, local, 100)).answer.error).toBe('timeout');
  const endless = await listener((socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nslow');
  });
  expect((await send(`http://127.0.0.1:${endless.port}/`, local, 100)).answer.error).toBe('timeout');
});

test('a name that leads inside when the connection is made is refused, though it did not before: no connection is made', async () => {
  // A name server that answers with a public address at the first question and with an inner one afterwards.
  const inside = await listener();
  const answers = [{ address: '8.8.8.8', family: 4 }];
  const rebinding = rulesFor(async () => [answers.shift() ?? loopback], false);
  await expect(rebinding.resolve('rebind.example.org')).resolves.toEqual([{ address: '8.8.8.8', family: 4 }]);
  const { answer } = await send(`https://rebind.example.org:${inside.port}/`, rebinding);
  expect(answer).toEqual({ status: null, body: '', error: 'address_forbidden' });
  for (const address of ['169.254.169.254', '10.0.0.1', '::ffff:127.0.0.1']) {
    const rules = rulesFor(async () => [{ address, family: address.includes(':') ? 6 : 4 }], false);
    expect((await send(`https://inner.example.org:${inside.port}/`, rules)).answer.error).toBe(
      'address_forbidden',
    );
  }
  expect(inside.connections()).toBe(0);
});

// A process that was stopped while it connected goes on later, and another one has sent the delivery and the next ones by then.
test('nothing is written to a connection that stands too late', async () => {
  const receiver = await startReceiver();
  const late = { connectBy: performance.now() - 1, url: receiver.url, body: '{}', headers: {}, rules: local };
  expect((await post(late)).answer).toEqual({ status: null, body: '', error: 'timeout' });
  expect((await post({ ...late, connectBy: performance.now() + 60_000 })).answer.error).toBeNull();
  expect(receiver.received).toHaveLength(1);
});

// Whoever asks the name for the check, and once more for the connection, may get two answers from a name server that means harm.
test('each attempt asks the name once, and connects to what was checked, whatever the name answers next', async () => {
  const first = await namedListener('127.0.0.2', 0);
  const port = await namedListener('127.0.0.3', first);
  const answers = ['127.0.0.2', '127.0.0.3', '169.254.169.254', '127.0.0.3', '::ffff:10.0.0.1', '127.0.0.2'];
  let asked = 0;
  const alternating = rulesFor(async () => {
    const address = answers[asked++ % answers.length] ?? '';
    return [{ address, family: address.includes(':') ? 6 : 4 }];
  });
  for (const [index, address] of answers.entries()) {
    const { answer } = await send(`http://localhost:${port}/`, alternating);
    expect(asked).toBe(index + 1);
    if (address.startsWith('127.')) expect(answer).toEqual({ status: 200, body: address, error: null });
    else expect(answer).toEqual({ status: null, body: '', error: 'address_forbidden' });
  }
});

test('what goes wrong has a name', async () => {
  const unknown = rulesFor(async () => {
    throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
  });
  expect((await send('https://nowhere.example.org/', unknown)).answer.error).toBe('name_not_found');
  expect((await send('http://127.0.0.1:9/')).answer.error).toBe('connection_failed');
  expect((await send('http://example.org/')).answer.error).toBe('address_forbidden');
  const receiver = await startReceiver();
  receiver.answer = answerWith(429, '', { 'Retry-After': '120' });
  expect(await send(receiver.url)).toMatchObject({
    answer: { error: 'status_not_2xx' },
    retryAfterMs: 120_000,
  });
});
