import { expect, test } from 'vitest';
import { startApiServer } from '../test/api-server.ts';
import { startFaultyLog } from '../test/faulty-log.ts';

test('the limits that uploads are held to are told without a token, and are asked for anew each time', async () => {
  const limits = { maxBytes: 4_711, maxRows: 42 };
  const { port } = await startApiServer(await startFaultyLog(), { limits });
  const response = await fetch(`http://127.0.0.1:${port}/limits`);
  expect([response.status, await response.json()]).toEqual([
    200,
    { upload: { ...limits, maxColumns: 1_000, maxRecordBytes: 131_072 } },
  ]);
  expect(response.headers.get('Cache-Control')).toBe('public, no-cache');
  // By itself `fetch` sends `Cache-Control: no-cache` with a condition, which asks for the whole answer.
  const known = { 'If-None-Match': String(response.headers.get('ETag')), 'Cache-Control': 'max-age=0' };
  expect((await fetch(`http://127.0.0.1:${port}/limits`, { headers: known })).status).toBe(304);
});
