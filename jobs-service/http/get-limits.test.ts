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
  expect(response.headers.get('ETag')).not.toBeNull();
});
