import { createHttpServer } from '@tidings/service-kit/http/http-server.ts';
import { createRegistry } from '@tidings/service-kit/process/metrics.ts';
import { startTestServer } from '@tidings/testing/connections/test-server.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import { durableNotification } from '@tidings/testing/notification.ts';
import express, { type Response } from 'express';
import { expect, test } from 'vitest';
import { defaultHubLimits } from '../limits.ts';
import { createHubMetrics } from '../metrics.ts';
import { follow } from '../test/event-streams.ts';
import { EventStream } from './event-stream.ts';

/** An open event stream on real HTTP, and its client. */
async function startStream() {
  const metrics = createHubMetrics(createRegistry({ processMetrics: false }));
  const taken: { readonly stream: EventStream; readonly response: Response }[] = [];
  const app = express().get('/', (_request, response) => {
    const stream = new EventStream(response, { limits: defaultHubLimits, metrics, logger: silentLogger });
    const opened = { channelId: 'c', token: 't', epoch: 'e', seq: 0, recovered: false };
    stream.open({ ...opened, snapshot: { progress: [], durable: [] } });
    taken.push({ stream, response });
  });
  const server = createHttpServer(app);
  const { url } = await startTestServer(server);
  const client = await follow(`${url}/`, {});
  const [first] = taken;
  if (first === undefined) throw new Error('no stream was opened');
  return { ...first, client };
}

// What one stream threw came out at whoever wrote, although the contract of writers says that none of their methods throws.
test('a stream whose response takes nothing is ended, and throws nothing', async () => {
  const { stream, response, client } = await startStream();
  response.write = () => {
    throw new Error('no writing');
  };
  stream.write(durableNotification(1));
  stream.writeToken({ channelId: 'c', token: 't' });
  stream.tell(null);
  stream.disconnect('slow');
  expect(stream.isClosed).toBe(true);
  await eventually(() => expect(client.state.isEnded).toBe(true));
});

test('a stream whose progress cannot be flushed tells its client to come back', async () => {
  const { stream, client } = await startStream();
  stream.flushWhenDrained({
    flushProgress: () => {
      throw new Error('no progress');
    },
  });
  await eventually(() => expect(client.data('closed')).toMatchObject([{ code: 'behind', retriable: true }]));
});
