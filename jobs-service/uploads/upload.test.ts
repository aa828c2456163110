/** Uploads while the log is away. */

import { EXPRESS_CHUNKS, EXPRESS_CHUNKS_OF_LONG } from '@tidings/contracts/imports/work.ts';
import { decodeEvent } from '@tidings/contracts/schemas/event.ts';
import { topics } from '@tidings/contracts/topics.ts';
import type { NewRecord } from '@tidings/event-log/event-log.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import { v7 as uuidv7 } from 'uuid';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type FaultyLog, startFaultyLog } from '../test/faulty-log.ts';
import { ExpressShare } from './splitting/express-share.ts';
import { UploadTurns } from './splitting/upload-turns.ts';
import { type ReceiveOptions, Upload } from './upload.ts';

const logger = silentLogger;
const limits = { maxBytes: 100_000_000, maxRows: 1_000_000 };
const ROWS = 40_000;
/** About ten chunks: the last ones have the priority bulk. */
const file = Buffer.from(`email\n${'somebody.somewhere@example.org\n'.repeat(ROWS)}`);

function begin({ log }: FaultyLog, options: Partial<ReceiveOptions> = {}): Upload {
  const request = {
    importId: uuidv7(),
    channelId: 'channel',
    owner: 'owner',
    fileName: 'contacts.csv',
    fields: {},
  };
  const expressShare = new ExpressShare({ waitFor: () => Promise.resolve(false) });
  return new Upload(log, logger, request, { limits, expressShare, turns: new UploadTurns(), ...options });
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

// The first seconds of a long file kept the thread from every step of a short import.
test.each([
  ['says that it is long', 100_000_000, EXPRESS_CHUNKS_OF_LONG],
  ['does not say how long it is', null, EXPRESS_CHUNKS],
])('an upload that %s gives way before each bulk chunk', async (_name, declaredBytes, express) => {
  const faulty = await startFaultyLog();
  const turns = new UploadTurns();
  const gaveWay = vi.spyOn(turns, 'giveWay');
  await begin(faulty, { turns, declaredBytes }).receive(streamed());
  const bulk = (await faulty.chunks()).length - express;
  expect(bulk).toBeGreaterThan(0);
  expect(gaveWay).toHaveBeenCalledTimes(bulk);
});

test('an upload that says that it is short gives way to none', async () => {
  const faulty = await startFaultyLog();
  const turns = new UploadTurns();
  const gaveWay = vi.spyOn(turns, 'giveWay');
  await begin(faulty, { turns, declaredBytes: 1_000 }).receive(streamed());
  expect((await faulty.chunks()).length).toBeGreaterThan(EXPRESS_CHUNKS);
  expect(gaveWay).not.toHaveBeenCalled();
});

const SHORT_LEASE = { intervalMs: 20, lostAfterMs: 200 };
const isHeartbeat = ({ topic, value }: NewRecord): boolean =>
  topic === topics.commands && decodeEvent(value).type === 'upload.heartbeat';
/** Hears of the stop of an upload. */
function awaitStop() {
  let onStopped = (_problem: Problem) => {};
  const stopped = new Promise<Problem>((resolve) => {
    onStopped = resolve;
  });
  return { stopped, onStopped };
}

/** Sends half of the file, and the rest once it is stopped or the time is over. */
async function* halting(stopped: Promise<unknown>): AsyncGenerator<Uint8Array> {
  yield file.subarray(0, file.length / 2);
  await stopped;
  yield file.subarray(file.length / 2);
}

test('an upload tells by numbered heartbeats that it goes on, also while its sender waits, until it is sealed', async () => {
  const faulty = await startFaultyLog();
  const sent: string[] = [];
  faulty.fail((record) => {
    if (isHeartbeat(record)) sent.push(record.key);
    return null;
  });
  const lease = { ...SHORT_LEASE, lostAfterMs: 60_000 };
  const upload = begin(faulty, { lease });
  const commands = async () =>
    (await faulty.commands()).filter(({ importId }) => importId === upload.importId);
  const heartbeats = async () => (await commands()).filter(({ type }) => type === 'upload.heartbeat');
  const twoHeartbeats = async () => expect((await heartbeats()).length).toBeGreaterThanOrEqual(2);
  await upload.receive(halting(eventually(twoHeartbeats)));
  const before = (await heartbeats()).length;
  await eventually(async () => expect((await heartbeats()).length).toBeGreaterThan(before));
  await upload.seal();
  // One that was sent beside the seal may come behind it.
  const sentBySeal = sent.length;
  const later = begin(faulty, { lease });
  const others = async () => sent.slice(sentBySeal).filter((importId) => importId === later.importId);
  const twoOthers = async () => expect((await others()).length).toBeGreaterThanOrEqual(2);
  await later.receive(halting(eventually(twoOthers)));
  await later.abort('connection_broken');
  expect(sent.slice(sentBySeal)).not.toContain(upload.importId);
  const numbers = (await heartbeats()).map(({ data }) => data.number);
  expect(numbers).toEqual(Array.from({ length: sentBySeal }, (_, index) => index + 1));
  expect((await commands()).filter(({ type }) => type !== 'upload.heartbeat')).toMatchObject([
    { type: 'import.accepted' },
    { type: 'upload.sealed' },
  ]);
});

test('an upload whose heartbeats do not become durable stops itself, and is ended', async () => {
  const faulty = await startFaultyLog();
  faulty.fail((record) => (isHeartbeat(record) ? 'lost' : null));
  const { stopped, onStopped } = awaitStop();
  const upload = begin(faulty, { lease: SHORT_LEASE, onStopped });
  await expect(upload.receive(halting(stopped))).rejects.toMatchObject(unavailable);
  await eventually(async () =>
    expect((await faulty.commands()).at(-1)).toMatchObject({
      type: 'upload.aborted',
      data: { error: 'log_unavailable' },
    }),
  );
  const { chunks } = (await faulty.commands()).at(-1)?.data ?? {};
  expect(chunks).toMatchObject({ count: (await faulty.chunks()).length });
});

// A sweeper may have ended the import by then: a chunk that comes behind the end is counted by nobody.
test('an upload that has lost its lease sends no chunk any more: its end names those that wait on the log', async () => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const faulty = await startFaultyLog();
  const { stopped, onStopped } = awaitStop();
  const sent = new Set<number>();
  let onSent = () => {};
  const bothSent = new Promise<void>((resolve) => {
    onSent = resolve;
  });
  faulty.fail((record) => {
    if (isHeartbeat(record)) return 'lost';
    const { chunk } = record.headers?.work === undefined ? {} : JSON.parse(record.headers.work);
    if (chunk !== 2 && chunk !== 3) return null;
    if (sent.add(chunk).size === 2) onSent();
    // The append fails, and only after the lease was lost.
    return stopped.then(() => (chunk === 2 ? 'lost' : 'unanswered'));
  });
  const upload = begin(faulty, { lease: SHORT_LEASE, onStopped });
  const received = expect(upload.receive(streamed())).rejects.toMatchObject(unavailable);
  await bothSent;
  await vi.advanceTimersByTimeAsync(SHORT_LEASE.lostAfterMs);
  vi.useRealTimers();
  await received;
  await eventually(async () => expect((await faulty.commands()).at(-1)?.type).toBe('upload.aborted'));
  const onLog = (await faulty.chunks()).map(({ chunk }) => chunk).sort((one, other) => one - other);
  expect(onLog).not.toContain(2);
  expect(onLog).toContain(3);
  const end = (await faulty.commands()).at(-1);
  const { pending } = (end?.data as { chunks: { pending: number[] } } | undefined)?.chunks ?? { pending: [] };
  expect(pending.sort((one, other) => one - other)).toEqual(onLog);
});

test('an upload that is stopped fails with the reason, and its import is aborted', async () => {
  const faulty = await startFaultyLog();
  const upload = begin(faulty);
  const reason = new Problem('upload_broken_off', 'Stopped.');
  const received = upload.receive(
    halting(
      eventually(async () => expect(await faulty.chunks()).not.toEqual([])).then(() => upload.stop(reason)),
    ),
  );
  await expect(received).rejects.toBe(reason);
  expect((await faulty.commands()).at(-1)).toMatchObject({
    type: 'upload.aborted',
    data: { error: 'connection_broken' },
  });
});
