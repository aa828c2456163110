/**
 * Measures a table on a compacted topic: the memory of its entries, and how long it takes to load. The baseline, in the same run, is a plain
 * map of the same values. An entry is as small as a setting of an owner: a key of 36 characters, and an object of three fields.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { openEmbeddedLog } from '@tidings/event-log/embedded/embedded-log.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { openTable } from '@tidings/event-log/table.ts';
import { numberOption } from '../measure.ts';

interface Entry {
  readonly owner: string;
  readonly defaultCountry: string | null;
  readonly duplicates: string;
}

const topic = 'table';
/** Records of one append. */
const AT_ONCE = 1_000;

/** `--entries 100000`: prints megabytes for 100,000 entries, beside those of a map. */
export async function run(words: string[]): Promise<void> {
  const count = numberOption(words, 'entries', 100_000);
  const directory = await mkdtemp(join(tmpdir(), 'tidings-bench-'));
  const log = await openEmbeddedLog({ directory });
  try {
    await log.ensureTopics([{ name: topic, partitions: 1, cleanup: 'compact' }]);
    await fill(log, count);
    await measure(log, count);
  } finally {
    await log.close();
    await rm(directory, { recursive: true, force: true });
  }
}

async function measure(log: EventLog, count: number): Promise<void> {
  const megabytesOf = (bytes: number) => (bytes / 1e6 / (count / 100_000)).toFixed(1);
  const before = heapBytes();
  const map = new Map<string, Entry>();
  for await (const records of log.read({ topic, from: 'earliest', follow: false }))
    for (const { key, value } of records) map.set(key, decode(value));
  const ofMap = heapBytes() - before;
  const size = map.size;
  map.clear();
  const empty = heapBytes();
  const start = performance.now();
  const table = await openTable({ log, topic, decode: ({ value }) => decode(value) });
  const seconds = (performance.now() - start) / 1000;
  const ofTable = heapBytes() - empty;
  if (table.size !== size) throw new Error(`the table holds ${table.size} entries, the topic ${size}`);
  const { records } = await table.lag();
  await table.close();
  console.log(
    `100,000 entries: table ${megabytesOf(ofTable)} MB, map ${megabytesOf(ofMap)} MB, ratio ${(ofTable / ofMap).toFixed(2)} (to reach: 1.1); ` +
      `${count} loaded in ${seconds.toFixed(2)} s (${(count / seconds / 1000).toFixed(0)},000/s), ${records} behind`,
  );
}

async function fill(log: EventLog, count: number): Promise<void> {
  for (let start = 0; start < count; start += AT_ONCE)
    await log.append(
      Array.from({ length: Math.min(AT_ONCE, count - start) }, () => {
        const owner = randomUUID();
        const entry: Entry = { owner, defaultCountry: 'DE', duplicates: 'update' };
        return { topic, key: owner, value: Buffer.from(JSON.stringify(entry)) };
      }),
    );
}

function decode(value: Uint8Array | null): Entry {
  return JSON.parse(Buffer.from(value ?? []).toString());
}

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}
