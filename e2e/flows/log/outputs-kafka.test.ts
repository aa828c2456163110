/**
 * What our processes write in transactions, as a consumer of another language counts it that reads committed records alone: each output once,
 * whichever of the processes are killed meanwhile. Notifications, schedule and settings are counted in `events-kafka.test.ts`, and
 * deliveries to webhooks in `webhooks/webhooks-kafka.test.ts`.
 */
import { join } from 'node:path';
import { type ChunkWork, chunkWorkKey, undoPageKey } from '@tidings/contracts/imports/work.ts';
import { COUNTRY_ORDER_TYPE } from '@tidings/contracts/reference.ts';
import { createEvent, encodeEvent } from '@tidings/contracts/schemas/event.ts';
import { CHUNK_WORK_TYPE, encodeWork } from '@tidings/contracts/schemas/imports/work.ts';
import { requestTopics, topics, workTopics } from '@tidings/contracts/topics.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { openKafkaLog } from '@tidings/event-log/kafka/kafka-log.ts';
import { decodeRequest, encodeReply } from '@tidings/event-log/request-reply/request-records.ts';
import { deadLetterId, encodeDeadLetter } from '@tidings/event-log/retry/retry-headers.ts';
import { deadLetterTopic } from '@tidings/event-log/retry/topic-names.ts';
import { acceptImport, createChannel, untilEnded } from '@tidings/testing/connections/requests.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { readAll } from '@tidings/testing/log.ts';
import { type Distributed, startDistributed } from '@tidings/testing/stack/distributed.ts';
import type { ServiceInstance } from '@tidings/testing/stack/service-instance.ts';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pythonWithKafka } from '../../foreign/python.ts';
import { type CommittedRecord, readCommitted } from '../../foreign/read-committed.ts';
import { makeContactsFile } from '../../test/contacts-file.ts';
import { freshName } from '../../test/fresh-name.ts';
import { RunningProgram, root } from '../../test/installed-client.ts';

const SLOW = { timeout: 600_000 };
const patiently = { withinMs: 120_000 };
const script = join(root, 'e2e/foreign/read_committed.py');
const requestSettings = { services: { reports: { methods: { list: { timeoutMs: 300_000 } } } } };
let system: Distributed;
let python: string;
let brokers: string;
let log: EventLog;

beforeAll(async () => {
  [python, system] = await Promise.all([
    pythonWithKafka(),
    startDistributed({
      instances: { hub: 1, 'jobs-service': 1, importer: 1, aggregator: 2, 'reference-data': 1 },
      environment: { REQUESTS: JSON.stringify(requestSettings) },
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

interface Printed {
  readonly type: string;
  readonly subject: string;
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

test(
  'kafka-python counts what becomes of each order about a dead letter once, while the jobs service and an aggregator are killed',
  SLOW,
  async () => {
    const { importId } = await upload(100, freshName('letters.example'));
    await untilEnded(system.url, importId, system.supportToken);
    const { topic, group } = workTopics.bulk;
    const letters = deadLetterTopic(topic, group);
    const [commands, removed] = await readersOf(topics.commands, letters);
    // Offsets that no other record has.
    const first = Date.now();
    const origins = Array.from({ length: 16 }, (_, place) => ({
      topic,
      partition: 0,
      offset: first + place,
    }));
    await log.append(origins.map((origin) => givenUp(letters, origin, importId)));
    const order = async (origin: (typeof origins)[number]) => {
      const path = `/dead-letters/${encodeURIComponent(deadLetterId(origin))}/requeue`;
      const body = JSON.stringify({ reason: 'a test' });
      const answer = await fetch(`${system.url}${path}`, { method: 'POST', headers: supportHeaders(), body });
      expect(answer.status).toBe(202);
    };
    const killed = [...system.processes['jobs-service'], ...system.processes.aggregator.slice(0, 1)];
    await whileKilling(killed, 4, async (round) => {
      for (const origin of origins.slice(4 * round, 4 * round + 4)) await order(origin);
    });
    const ids = origins.map(deadLetterId);
    await eventually(() => {
      const requeued = counts(commands, ({ key, value }) => {
        const { type, data } = value as { type: string; data: { letter?: (typeof origins)[number] } };
        return key === importId && type === 'chunk.requeued' && data.letter
          ? deadLetterId(data.letter)
          : null;
      });
      expect(requeued).toEqual(onceEach(ids));
      const gone = counts(removed, ({ key, value }) => (value === null && ids.includes(key) ? key : null));
      expect(gone).toEqual(onceEach(ids));
    }, patiently);
  },
);

test(
  'kafka-python counts the answer of each request once that a channel is told, while the jobs service is killed',
  SLOW,
  async () => {
    const { channelId } = await createChannel(system.url);
    const [reader] = await readersOf(topics.notifications);
    const ask = async () => {
      const headers = { ...headersOf(system.apiKey), Prefer: 'wait=0', 'Notify-Channel': channelId };
      const answer = await fetch(`${system.url}/requests/reports/list`, {
        method: 'POST',
        headers,
        body: '{}',
      });
      expect(answer.status).toBe(202);
      return ((await answer.json()) as { requestId: string }).requestId;
    };
    const asked: string[] = [];
    await whileKilling(system.processes['jobs-service'], 3, async (round) => {
      for (let number = 0; number < 5; number += 1) asked.push(await ask());
      const waiting = (await readAll(log, requestTopics.normal))
        .flatMap((record) => decodeRequest(record) ?? [])
        .filter(({ requestId }) => asked.slice(5 * round).some((id) => id.startsWith(requestId)));
      expect(waiting).toHaveLength(5);
      const reply = { status: 200, headers: {}, body: new Uint8Array() };
      const replies = waiting.map((request) => encodeReply(requestTopics.replies, request, reply));
      // A worker may answer twice.
      await log.append([...replies, ...replies]);
    });
    await eventually(() => {
      const told = counts(reader, ({ key, value }) => {
        const { type, subject } = value as Printed;
        return key === channelId && type === 'request.answered' ? subject : null;
      });
      expect(told).toEqual(onceEach(asked));
    }, patiently);
  },
);

test(
  'kafka-python counts each change of a country, and the time zones that follow from it, once, while the reference data service is killed',
  SLOW,
  async ({ task }) => {
    const [countries, changes, timeZones] = await readersOf(
      topics.countries,
      topics.countryChanges,
      topics.timeZones,
    );
    // Codes that stand for no country; another try has others.
    const codes = [...'MNOPQRSTUVWX'].map((letter) => `${task.result?.retryCount ? 'X' : 'Q'}${letter}`);
    await whileKilling(system.processes['reference-data'], 4, (round) =>
      log.append(
        codes.slice(3 * round, 3 * round + 3).map((code) => {
          const setBy = { who: 'support', seedVersion: null, reason: 'a test' };
          const values = {
            name: freshName(code),
            aliases: [],
            callingCode: null,
            timeZones: ['Europe/Berlin'],
          };
          const data = { code, setBy, values, expected: null };
          const value = encodeEvent(createEvent({ type: COUNTRY_ORDER_TYPE, subject: code, data }));
          return { topic: topics.countryOrders, key: code, value };
        }),
      ),
    );
    await eventually(() => {
      for (const reader of [countries, changes, timeZones])
        expect(counts(reader, ({ key }) => (codes.includes(key) ? key : null))).toEqual(onceEach(codes));
    }, patiently);
  },
);

function headersOf(token: string) {
  return { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
}

const supportHeaders = () => headersOf(system.supportToken);

/** A chunk of an earlier upload of the import, so that importers pass over it where it is put back. */
function givenUp(
  letters: string,
  origin: { topic: string; partition: number; offset: number },
  importId: string,
) {
  const work: ChunkWork = {
    ...{ importId, uploadId: '0198c0de-0000-7000-8000-000000000001', owner: 'default', chunk: 0 },
    ...{ dialect: { encoding: 'utf-8', delimiter: ',' }, header: ['email'], columns: ['email'] },
    ...{ defaultCountry: null, restoreCells: false },
    shape: { firstLine: 2, firstRow: 0, rows: 1, damage: [] },
  };
  const envelope = createEvent({ type: CHUNK_WORK_TYPE, subject: importId, data: null });
  return encodeDeadLetter(letters, {
    ...{
      group: workTopics.bulk.group,
      origin,
      key: chunkWorkKey(importId, 0),
      attempts: 3,
      failedAt: Date.now(),
    },
    ...{ value: new TextEncoder().encode('ann@example.org\n'), headers: encodeWork(envelope, work) },
    error: { code: 'internal', message: 'x' },
  });
}
