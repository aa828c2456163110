/**
 * What aggregators write in transactions, as a consumer of another language counts it that reads committed records alone: each output once,
 * whichever of them are killed meanwhile. Notifications, schedule and settings are counted in `events-kafka.test.ts`, and
 * deliveries to webhooks in `webhooks-kafka.test.ts`.
 */
import { join } from 'node:path';
import { createEvent, encodeEvent } from '@tidings/contracts/schemas/event.ts';
import { topics } from '@tidings/contracts/topics.ts';
import { undoPageKey } from '@tidings/contracts/work.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { openKafkaLog } from '@tidings/event-log/kafka/kafka-log.ts';
import { acceptImport, untilEnded } from '@tidings/testing/connections/requests.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { type Distributed, startDistributed } from '@tidings/testing/stack/distributed.ts';
import type { ServiceInstance } from '@tidings/testing/stack/service-instance.ts';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pythonWithKafka } from '../foreign/python.ts';
import { type CommittedRecord, readCommitted } from '../foreign/read-committed.ts';
import { makeContactsFile } from '../test/contacts-file.ts';
import { freshName } from '../test/fresh-name.ts';
import { RunningProgram, root } from '../test/installed-client.ts';

const SLOW = { timeout: 600_000 };
const patiently = { withinMs: 120_000 };
const script = join(root, 'e2e/foreign/read_committed.py');
let system: Distributed;
let python: string;
let brokers: string;
let log: EventLog;

beforeAll(async () => {
  [python, system] = await Promise.all([
    pythonWithKafka(),
    startDistributed({
      instances: { hub: 1, 'jobs-service': 1, importer: 1, aggregator: 2, 'reference-data': 1 },
    }),
  ]);
  brokers = system.environment.KAFKA_BROKERS ?? '';
  log = await openKafkaLog({ brokers: brokers.split(','), replication: 1 });
}, 600_000);
afterAll(async () => {
  await log?.close();
  await system?.stop();
});

const upload = (rows: number, name: string) =>
  acceptImport(system.url, { file: makeContactsFile(rows, name).bytes });

/** kafka-python, which reads these topics from their beginning, committed records alone. Resolves once it does. */
async function readersOf<const Topics extends readonly string[]>(
  ...names: Topics
): Promise<{ [Place in keyof Topics]: RunningProgram }> {
  const readers = names.map((topic) => new RunningProgram(python, [script, brokers, topic], {}));
  await eventually(
    () => {
      for (const { output } of readers) expect(output).toContain('ready');
    },
    { withinMs: 60_000 },
  );
  return readers as { [Place in keyof Topics]: RunningProgram };
}

/** How often each name was read. @param nameOf null: the record is none of those that are counted */
function counts(
  reader: RunningProgram,
  nameOf: (record: CommittedRecord) => string | null | undefined,
): Record<string, number> {
  const found: Record<string, number> = {};
  for (const record of readCommitted(reader)) {
    const name = nameOf(record);
    if (name != null) found[name] = (found[name] ?? 0) + 1;
  }
  return found;
}

const onceEach = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, 1]));

/** Has work appended in rounds, and kills a process behind each of them. */
async function whileKilling(
  processes: readonly ServiceInstance[],
  rounds: number,
  work: (round: number) => Promise<unknown>,
): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    await work(round);
    const victim = processes[round % processes.length];
    await victim?.kill();
    await victim?.start();
  }
}

test('kafka-python counts each unsettled chunk once, while aggregators are killed', SLOW, async () => {
  const [reader] = await readersOf(topics.unsettledChunks);
  const importIds: string[] = [];
  await whileKilling(system.processes.aggregator, 4, async () => {
    // Reports of imports that the log does not know.
    const unknown = Array.from({ length: 50 }, () => uuidv7());
    importIds.push(...unknown);
    await log.append(
      unknown.map((importId) => {
        const data = { uploadId: uuidv7(), chunk: 0, rows: 1, code: 'x', message: 'x' };
        const value = encodeEvent(createEvent({ type: 'chunk.failed', subject: importId, data }));
        return { topic: topics.commands, key: importId, value };
      }),
    );
  });
  const ours = new Set(importIds);
  await eventually(
    () => expect(counts(reader, ({ key }) => (ours.has(key) ? key : null))).toEqual(onceEach(importIds)),
    patiently,
  );
});

test('kafka-python counts each page of an undo once, while aggregators are killed', SLOW, async () => {
  const { importId } = await upload(22_000, freshName('pages.example'));
  await untilEnded(system.url, importId, system.supportToken);
  const [reader] = await readersOf(topics.expressWork);
  const orders = { method: 'POST', headers: supportHeaders(), body: JSON.stringify({ reason: 'a test' }) };
  await whileKilling(system.processes.aggregator, 4, async (round) => {
    if (round > 0) return;
    expect((await fetch(`${system.url}/imports/${importId}/undo`, orders)).status).toBe(202);
  });
  await eventually(async () => {
    const response = await fetch(`${system.url}/imports/${importId}`, { headers: supportHeaders() });
    expect(await response.json()).toMatchObject({ status: 'undone', undo: { failed: 0 } });
  }, patiently);
  const pages = counts(reader, ({ key }) => (key.startsWith(`${importId}:undo-`) ? key : null));
  expect(Object.keys(pages).length).toBeGreaterThan(2);
  expect(pages).toEqual(onceEach(Object.keys(pages).map((_, page) => undoPageKey(importId, page))));
});

function headersOf(token: string) {
  return { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
}

const supportHeaders = () => headersOf(system.supportToken);
