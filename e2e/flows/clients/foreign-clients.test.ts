/** Clients that are not ours: python-socketio and curl. A browser's EventSource has `proxy/event-streams.test.ts`. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Notification } from '@tidings/contracts/notifications/notification.ts';
import type { OpenedChannel } from '@tidings/contracts/notifications/socket-events.ts';
import { createChannel } from '@tidings/testing/connections/requests.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { type Stack, startStack } from '@tidings/testing/stack/stack.ts';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { pythonWithSocketIo } from '../../foreign/python.ts';

const script = fileURLToPath(new URL('../../foreign/follow.py', import.meta.url));
let stack: Stack;
let python: string;

beforeAll(async () => {
  [stack, python] = await Promise.all([
    startStack({ SOCKET_TRANSPORTS: 'websocket,polling' }),
    pythonWithSocketIo(),
  ]);
}, 180_000);
afterAll(() => stack?.dispose());

/** Runs a program, and keeps the lines that it prints. */
function start(command: string, words: readonly string[]) {
  const child = spawn(command, words);
  onTestFinished(() => void child.kill());
  const printed = { out: '', errors: '' };
  child.stdout.on('data', (bytes) => {
    printed.out += String(bytes);
  });
  child.stderr.on('data', (bytes) => {
    printed.errors += String(bytes);
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const lines = () => printed.out.split('\n').filter((line) => line !== '');
  return { printed, lines, ended };
}

async function publish(channelId: string, ...numbers: number[]): Promise<void> {
  const answer = await fetch(`${stack.url}/channels/${channelId}/notifications`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${stack.apiKey}`, 'Content-Type': 'application/json' },
    body: JSON.stringify(numbers.map((data) => ({ subject: 'job', type: 'job.next', data }))),
  });
  expect(answer.status).toBe(202);
}

/** Runs the client of Python until it has got so many notifications. */
function follow(transports: string, request: object, count: number) {
  const { printed, lines, ended } = start(python, [
    script,
    stack.url,
    transports,
    JSON.stringify(request),
    String(count),
  ]);
  const documents = () =>
    lines().map((line) => JSON.parse(line) as { opened?: OpenedChannel; notification?: Notification });
  const opened = () =>
    eventually(() => {
      const [first] = documents();
      if (first?.opened === undefined) throw new Error(`not opened: ${printed.errors}`);
      return first.opened;
    });
  const finished = async () => {
    expect([await ended, printed.errors]).toEqual([0, '']);
    return documents().flatMap(({ notification }) => notification ?? []);
  };
  return { opened, finished };
}

describe.each(['websocket', 'polling', 'polling,websocket'])('python-socketio by %s', (transports) => {
  test('opens a channel, gets what is published, and continues from its position', async () => {
    const first = follow(transports, {}, 3);
    const { channelId, token, epoch } = await first.opened();
    await publish(channelId, 1, 2, 3);
    const got = await first.finished();
    expect(got.map(({ data, seq }) => [data, seq])).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
    await publish(channelId, 4, 5);
    const second = follow(transports, { channelId, token, epoch, seq: 3 }, 2);
    expect(await second.opened()).toMatchObject({ recovered: true, snapshot: { durable: [] } });
    expect((await second.finished()).map(({ data }) => data)).toEqual([4, 5]);
    const third = follow(transports, { channelId, token }, 0);
    const { recovered, snapshot } = await third.opened();
    expect([recovered, snapshot.durable.map(({ data }) => data)]).toEqual([false, [1, 2, 3, 4, 5]]);
    await third.finished();
  });
});

test('curl -N follows a channel, and continues from the last id that it saw', async () => {
  const { channelId, token } = await createChannel(stack.url);
  const address = `${stack.url}/channels/${channelId}/events`;
  const curl = (...headers: string[]) =>
    start('curl', [
      '-sN',
      ...['Authorization: Bearer '.concat(token), ...headers].flatMap((one) => ['-H', one]),
      address,
    ]);
  const first = curl();
  await eventually(() => expect(first.lines()).toContain('event: snapshot'));
  await publish(channelId, 1, 2);
  const ids = () => first.lines().filter((line) => /^id: .+:[12]$/.test(line));
  await eventually(() => expect(ids()).toHaveLength(2));
  await publish(channelId, 3);
  const second = curl(`Last-Event-ID: ${ids()[1]?.slice('id: '.length)}`);
  const numbers = () =>
    second.lines().flatMap((line) => {
      const notification = /^data: (\{.*"lane":"durable".*\})$/.exec(line)?.[1];
      return notification === undefined ? [] : [(JSON.parse(notification) as Notification).data];
    });
  await eventually(() => expect(numbers()).toEqual([3]));
  await publish(channelId, 4);
  await eventually(() => expect(numbers()).toEqual([3, 4]));
});
