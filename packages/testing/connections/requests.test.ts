import { createHttpServer } from '@tidings/service-kit/http/http-server.ts';
import express from 'express';
import { expect, test } from 'vitest';
import { untilEnded } from './requests.ts';
import { startTestServer } from './test-server.ts';

// Every 503 counted as an instance that is behind, and was asked again without a pause.
test('a 503 that is none of ours is an error at once', async () => {
  let requests = 0;
  const app = express().get('/imports/:importId', (_, response) => {
    requests += 1;
    response.status(503).send('no backend');
  });
  const server = createHttpServer(app);
  const { url } = await startTestServer(server);
  await expect(untilEnded(url, 'import', 'token')).rejects.toThrow('503 no backend');
  expect(requests).toBe(1);
});
