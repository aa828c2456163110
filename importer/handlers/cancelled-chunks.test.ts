/** A transaction for each cancelled chunk kept a cancelled import going for seconds. What goes together must not fail together. */
import type { AppliedChunk, UnparsedChunk } from '@tidings/contact-store/chunk-to-apply.ts';
import { ContactStoreError } from '@tidings/contact-store/contact-store-error.ts';
import { noRows } from '@tidings/contracts/imports/import.ts';
import { decodeChunkWork } from '@tidings/contracts/schemas/imports/work.ts';
import type { LogRecord } from '@tidings/event-log/event-log.ts';
import { beforeEach, expect, it } from 'vitest';
import { columns, cutFile, newIdentity, plainFile } from '../test/parts.ts';
import { CancelledChunks, unparsedChunk } from './cancelled-chunks.ts';

const identity = newIdentity();
const delivered = cutFile(plainFile(100), columns, identity, { maxChunkBytes: 500 }).map(
  (record, offset): LogRecord => ({
    topic: record.topic,
    partition: 0,
    offset,
    timestamp: 0,
    key: record.key ?? null,
    value: record.value ?? null,
    headers: record.headers ?? {},
  }),
);
const last = delivered.length - 1;

/** The numbers of the chunks that each call named, and how the next calls fail. */
let calls: number[][] = [];
let failing: (numbers: readonly number[]) => Error | null = () => null;
beforeEach(() => {
  calls = [];
  failing = () => null;
});

const cancelled = new CancelledChunks({
  cancelChunks: async (chunks: readonly UnparsedChunk[]) => {
    const numbers = chunks.map(({ chunk }) => chunk);
    calls.push(numbers);
    const error = failing(numbers);
    if (error !== null) throw error;
    return chunks.map(
      ({ rows }): AppliedChunk => ({
        delta: { ...noRows(), cancelled: rows },
        ...{ replayed: false, closed: true, hasEnded: false },
      }),
    );
  },
});

async function cancel(record: LogRecord): Promise<number | undefined> {
  return (await cancelled.cancel(record, unparsedChunk(decodeChunkWork(record.headers).work)))?.delta
    .cancelled;
}

const rowsOf = (record: LogRecord) => decodeChunkWork(record.headers).work.shape.rows;

it('enters what was delivered of a closed upload at once, and nothing of another, or once it is over', async () => {
  const [first, ...others] = delivered;
  const [foreign] = cutFile(plainFile(5), columns, newIdentity());
  if (first === undefined || foreign === undefined) throw new Error('there is no chunk');
  expect(last).toBeGreaterThan(3);
  const leave = cancelled.deliver([
    ...delivered,
    { ...first, offset: 100, headers: foreign.headers ?? {} },
    { ...first, offset: 101, headers: {} },
  ]);
  expect(await cancel(first)).toBeUndefined();
  cancelled.close(identity.uploadId);
  for (const record of [first, ...others]) expect(await cancel(record)).toBe(rowsOf(record));
  expect(calls).toEqual([delivered.map((_, chunk) => chunk)]);
  leave();
  expect(await cancel(first)).toBe(rowsOf(first));
  expect(calls.slice(1)).toEqual([[0]]);
});

it('enters a chunk by itself where another one’s fault fails the others', async () => {
  cancelled.close(identity.uploadId);
  failing = (numbers) => (numbers.includes(last) ? new Error('a fault of one chunk') : null);
  const leave = cancelled.deliver(delivered);
  for (const record of delivered.slice(0, last)) expect(await cancel(record)).toBe(rowsOf(record));
  const [bad] = delivered.slice(last);
  if (bad === undefined) throw new Error('there is no chunk');
  await expect(cancel(bad)).rejects.toThrow('a fault of one chunk');
  leave();
});

it('decides nothing in an outage, and enters all of them after it', async () => {
  cancelled.close(identity.uploadId);
  failing = () => new ContactStoreError('store_unavailable', 'away');
  const leave = cancelled.deliver(delivered);
  const [first, second] = delivered;
  if (first === undefined || second === undefined) throw new Error('there is no chunk');
  await expect(cancel(first)).rejects.toMatchObject({ code: 'store_unavailable' });
  expect(calls).toHaveLength(1);
  failing = () => null;
  expect(await cancel(second)).toBe(rowsOf(second));
  expect(await cancel(first)).toBe(rowsOf(first));
  expect(calls).toHaveLength(2);
  leave();
});
