import { once } from 'node:events';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { Request } from 'express';
import { expect, test } from 'vitest';
import { UploadBody } from './body.ts';

const NEVER = 60_000;
const limits = {
  maxBytes: 1000,
  startBytes: 1000,
  startMs: NEVER,
  idleMs: NEVER,
  paceMs: NEVER,
  bytesPerSecond: 1,
};

// Nothing more is told of a request that has gone: its place would be held until its time was over.
test('a request that had gone before anyone listened has broken off', async () => {
  const request = new IncomingMessage(new Socket());
  request.destroy();
  await once(request, 'close');
  const body = new UploadBody(request as Request, limits);
  const [error] = await once(body, 'error');
  expect(error).toMatchObject({ code: 'upload_broken_off' });
});
