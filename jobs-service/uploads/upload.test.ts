/** Uploads while the log is away. */

import { eventually } from '@tidings/testing/eventually.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import { expect, test } from 'vitest';
import { type FaultyLog, startFaultyLog } from '../test/faulty-log.ts';
import { Upload } from './upload.ts';

const logger = silentLogger;
const limits = { maxBytes: 100_000_000, maxRows: 1_000_000 };
const ROWS = 40_000;
/** About ten chunks: the last ones have the priority bulk. */
const file = Buffer.from(`email\n${'somebody.somewhere@example.org\n'.repeat(ROWS)}`);

function begin({ log }: FaultyLog): Upload {
  const request = { channelId: 'channel', owner: 'owner', fileName: 'contacts.csv', fields: {} };
  return new Upload(log, logger, request, limits);
}

async function* streamed(): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < file.length; from += 64 * 1024) yield file.subarray(from, from + 64 * 1024);
}

const unavailable = { code: 'unavailable', retriable: true, place: { retryAfterSeconds: 5 } };

// The response waited for an end that could not be appended, until the connection timed out: the sender got no answer.
test('an upload is refused while the log is away; once it is back every chunk is there, and then the end that counts them', async () => {
  const faulty = await startFaultyLog();
  let away = false;
  let failed = 0;
  faulty.fail(({ headers }) => {
    const { chunk } = headers?.work === undefined ? {} : JSON.parse(headers.work);
    if (chunk === 3) away = true;
    if (!away) return null;
    failed += 1;
    return chunk === 4 ? 'unanswered' : 'lost';
  });
  await expect(begin(faulty).receive(streamed())).rejects.toMatchObject(unavailable);
  expect((await faulty.commands()).map(({ type }) => type)).toEqual(['import.accepted']);
  const before = (await faulty.chunks()).map(({ chunk }) => chunk);
  expect(before).toEqual([0, 1, 2, 4]);

  // An attempt in between fails, too.
  const failedBefore = failed;
  await eventually(() => expect(failed).toBeGreaterThan(failedBefore));
  away = false;
  faulty.fail(() => null);
  await eventually(async () => expect(await faulty.commands()).toHaveLength(2));
  const chunks = new Map((await faulty.chunks()).map((work) => [work.chunk, work.shape.rows]));
  const rows = [...chunks.values()].reduce((sum, count) => sum + count, 0);
  expect([...chunks.keys()].sort((a, b) => a - b)).toEqual([...chunks.keys()].map((_, index) => index));
  expect(chunks.size).toBeGreaterThan(4);
  expect((await faulty.commands())[1]).toMatchObject({
    type: 'upload.aborted',
    data: { error: 'log_unavailable', chunks: { count: chunks.size, rows } },
  });
});

test('an import that may have been accepted is ended', async () => {
  const faulty = await startFaultyLog();
  let appends = 0;
  faulty.fail(() => (++appends === 1 ? 'unanswered' : null));
  await expect(begin(faulty).receive(streamed())).rejects.toMatchObject(unavailable);
  await eventually(async () =>
    expect(await faulty.commands()).toMatchObject([
      { type: 'import.accepted' },
      { type: 'upload.aborted', data: { error: 'log_unavailable', chunks: { count: 0, rows: 0 } } },
    ]),
  );
});

test.each([
  ['lost', ['import.accepted', 'upload.aborted']],
  // The first of the two ends counts: the upload is sealed.
  ['unanswered', ['import.accepted', 'upload.sealed', 'upload.aborted']],
] as const)('an upload whose seal is %s is refused, and ended', async (fault, types) => {
  const faulty = await startFaultyLog();
  const upload = begin(faulty);
  await upload.receive(streamed());
  let appends = 0;
  faulty.fail(() => (++appends === 1 ? fault : null));
  await expect(upload.seal()).rejects.toMatchObject(unavailable);
  await eventually(async () => expect((await faulty.commands()).map(({ type }) => type)).toEqual(types));
  expect((await faulty.commands()).at(-1)).toMatchObject({
    data: { error: 'log_unavailable', chunks: { rows: ROWS } },
  });
});
