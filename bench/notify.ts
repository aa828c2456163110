/**
 * How long a notification takes. Publish → client: from `append` on the log to the listener in a client, against a bare
 * Socket.IO emit to a room on the same machine in the same run. Chunk committed → client: during a real import, from the
 * chunk's report to the progress that tells of it, and from the last report to the outcome.
 */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Server } from 'socket.io';
import { io } from 'socket.io-client';
import { openChannel } from '../client/index.ts';
import { createEvent, decodeEvent, encodeEvent } from '../contracts/event.ts';
import type { Notification } from '../contracts/notification.ts';
import { planTopics, topics } from '../contracts/topics.ts';
import { acceptImport } from '../e2e/requests.ts';
import { startStack } from '../e2e/stack.ts';
import { openEmbeddedLog } from '../event-log/embedded/embedded-log.ts';
import { createHub } from '../hub/app.ts';
import { listen } from '../service-kit/http-server.ts';
import { createLogger } from '../service-kit/logging.ts';
import { createRegistry } from '../service-kit/metrics.ts';
import { createTokenAuthority } from '../service-kit/tokens.ts';
import { contactsFile, numberOption, percentile } from './measure.ts';

/** `--messages 2000`, `--rows 200000`, `--rounds 3`: prints p50 and p99 of each, and the ratio to the bare emit. */
export async function run(words: string[]): Promise<void> {
  const messages = numberOption(words, 'messages', 2_000);
  const rounds = numberOption(words, 'rounds', 3);
  const [bare, published]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    bare.push(...(await timeBareEmit(messages)));
    published.push(...(await timePublish(messages)));
  }
  report('bare Socket.IO emit → client', bare);
  report('publish on the log → client', published);
  const ratio = (share: number) => (percentile(published, share) / percentile(bare, share)).toFixed(1);
  console.log(
    `ratio to the bare emit: p50 ${ratio(0.5)}, p99 ${ratio(0.99)} (${rounds} rounds of ${messages})`,
  );
  const { progress, outcome } = await timeImport(numberOption(words, 'rows', 200_000));
  report('chunk committed → progress in a client', progress);
  console.log(`last chunk committed → outcome in a client: ${outcome} ms`);
}

function report(name: string, milliseconds: readonly number[]): void {
  const [p50, p99] = [percentile(milliseconds, 0.5), percentile(milliseconds, 0.99)];
  console.log(
    `${name}: p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms (${milliseconds.length} notifications)`,
  );
}

/** One after another: the next is sent when the one before has arrived, so that nothing queues. */
async function timeOneByOne(
  count: number,
  send: (index: number) => void,
  arrived: () => Promise<unknown>,
): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const arrival = arrived();
    const start = performance.now();
    send(index);
    await arrival;
    times.push(performance.now() - start);
  }
  return times;
}

async function timeBareEmit(count: number): Promise<number[]> {
  const http = createServer();
  const server = new Server(http, { transports: ['websocket'], perMessageDeflate: false });
  server.on('connection', (socket) => void socket.join('room'));
  const port = await listen(http, 0, '127.0.0.1');
  const client = io(`http://127.0.0.1:${port}`, { transports: ['websocket'] });
  await new Promise<void>((resolve) => client.once('connect', resolve));
  const arrived = () => new Promise((resolve) => client.once('notification', resolve));
  const times = await timeOneByOne(
    count,
    (index) => server.to('room').emit('notification', makeEvent(index)),
    arrived,
  );
  client.disconnect();
  await server.close();
  return times;
}

async function timePublish(count: number): Promise<number[]> {
  const directory = await mkdtemp(join(tmpdir(), 'tidings-bench-'));
  const log = await openEmbeddedLog({ directory });
  await log.ensureTopics(planTopics(2));
  const tokens = createTokenAuthority({ authSecret: 'b'.repeat(32), supportToken: 'bench-support-token' });
  const hub = createHub({
    log,
    tokens,
    logger: createLogger('bench', 'warn'),
    registry: createRegistry({ processMetrics: false }),
    allowedOrigins: [],
  });
  const http = createServer();
  hub.attach(http);
  await hub.start();
  const port = await listen(http, 0, '127.0.0.1');
  const channelId = tokens.newChannelId();
  const token = await tokens.issueChannelToken({ channelId, owner: 'bench' });
  const channel = openChannel({ url: `http://127.0.0.1:${port}`, channel: { channelId, token } });
  await new Promise<void>((resolve) => channel.onSnapshot(() => resolve()));
  const arrived = () =>
    new Promise<void>((resolve) => {
      const end = channel.onNotification(() => {
        end();
        resolve();
      });
    });
  const send = (index: number) =>
    void log.append([{ topic: topics.notifications, key: channelId, value: encodeEvent(makeEvent(index)) }]);
  const times = await timeOneByOne(count, send, arrived);
  channel.close();
  await hub.stop();
  http.close();
  await once(http, 'close');
  await log.close();
  await rm(directory, { recursive: true, force: true });
  return times;
}

function makeEvent(index: number) {
  return createEvent({ type: 'bench.message', subject: `subject-${index}`, data: { index }, version: index });
}

/** Milliseconds of wall clock; both ends are on this machine. */
async function timeImport(rows: number): Promise<{ progress: number[]; outcome: number }> {
  const stack = await startStack();
  try {
    const received = new Map<number, number>();
    const channel = openChannel({ url: stack.url });
    await new Promise<void>((resolve) => channel.onSnapshot(() => resolve()));
    const outcome = new Promise<number>((resolve) => {
      channel.onNotification(({ lane, version = 0, final }: Notification) => {
        if (lane === 'progress') received.set(version, Date.now());
        if (final === true) resolve(Date.now());
      });
    });
    const { channelId, token } = channel.credentials ?? { channelId: '', token: '' };
    const { importId } = await acceptImport(stack.url, {
      file: contactsFile(rows),
      fields: { channelId, channelToken: token },
    });
    const endedAt = await outcome;
    channel.close();
    await stack.interrupt();
    const reports = await readReports(join(stack.directory, 'data', 'log'), importId);
    return {
      progress: [...received].flatMap(([version, at]) =>
        reports.has(version) ? [at - (reports.get(version) ?? 0)] : [],
      ),
      outcome: endedAt - Math.max(...reports.values()),
    };
  } finally {
    await stack.dispose();
  }
}

/** When each chunk was reported, by the offset of its command: the version that the progress has that tells of it. */
async function readReports(directory: string, importId: string): Promise<Map<number, number>> {
  const log = await openEmbeddedLog({ directory });
  const reports = new Map<number, number>();
  for await (const records of log.read({ topic: topics.commands, from: 'earliest', follow: false })) {
    for (const { key, offset, value } of records) {
      const event = decodeEvent(value);
      if (key === importId && event.type === 'chunk.completed')
        reports.set(offset, Date.parse(event.occurredAt));
    }
  }
  await log.close();
  return reports;
}
