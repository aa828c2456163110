/**
 * Measures how long a notification takes. Publish → client: from `append` on the log to the listener in a client, against a bare
 * Socket.IO emit to a room on the same machine in the same run. Chunk committed → client: during a real import, from a
 * chunk's report to the progress snapshot that includes it, and from the last report to the outcome.
 */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openChannel } from '@tidings/client/index.ts';
import { encodeEvent } from '@tidings/contracts/schemas/event.ts';
import { planTopics, topics } from '@tidings/contracts/topics.ts';
import { openEmbeddedLog } from '@tidings/event-log/embedded/embedded-log.ts';
import { createHub } from '@tidings/hub/app.ts';
import { createTokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { siteOf } from '@tidings/service-kit/config/site-variables.ts';
import { listen } from '@tidings/service-kit/http/http-server.ts';
import { createLogger } from '@tidings/service-kit/process/logging.ts';
import { createRegistry } from '@tidings/service-kit/process/metrics.ts';
import { startStack } from '@tidings/testing/stack/stack.ts';
import { Server } from 'socket.io';
import { io } from 'socket.io-client';
import { numberOption } from '../measure.ts';
import {
  compareWithBareEmit,
  makeEvent,
  nextOn,
  reportImport,
  timeOneByOne,
  watchImport,
} from './notifications.ts';
import { runDistributed } from './notify-distributed.ts';

/**
 * `--messages 2000`, `--rows 200000`, `--rounds 3`: prints p50 and p99 of each, and the ratio to the bare emit. `--engines
 * distributed` runs on Kafka, Redis and PostgreSQL, to a client on another hub.
 */
export async function run(words: string[]): Promise<void> {
  if (words.includes('distributed')) return runDistributed(words);
  await compareWithBareEmit({
    rounds: numberOption(words, 'rounds', 3),
    messages: numberOption(words, 'messages', 2_000),
    bareName: 'bare Socket.IO emit → client',
    publishedName: 'publish on the log → client',
    timeBareEmit,
    timePublish,
  });
  await timeImport(numberOption(words, 'rows', 200_000));
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
    site: siteOf({ HOST: '127.0.0.1', ALLOWED_ORIGINS: [], ALLOWED_HOSTS: [] }),
  });
  const http = createServer();
  hub.attach(http);
  await hub.start();
  const port = await listen(http, 0, '127.0.0.1');
  const channelId = tokens.newChannelId();
  const token = await tokens.issueChannelToken({ channelId, owner: 'bench' });
  const channel = openChannel({ url: `http://127.0.0.1:${port}`, channel: { channelId, token } });
  await channel.ready();
  const send = (index: number) =>
    void log.append([{ topic: topics.notifications, key: channelId, value: encodeEvent(makeEvent(index)) }]);
  const times = await timeOneByOne(count, send, () => nextOn(channel));
  channel.close();
  await hub.stop();
  http.close();
  await once(http, 'close');
  await log.close();
  await rm(directory, { recursive: true, force: true });
  return times;
}

/** Follows an import on one machine, and reads its log once the process has stopped. */
async function timeImport(rows: number): Promise<void> {
  const stack = await startStack();
  try {
    const watched = await watchImport(stack.url, rows);
    await stack.interrupt();
    const log = await openEmbeddedLog({ directory: join(stack.directory, 'data', 'log') });
    await reportImport(log, watched);
    await log.close();
  } finally {
    await stack.dispose();
  }
}
