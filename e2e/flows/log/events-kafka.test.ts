/** Events on Kafka: each output once for foreign consumers while aggregators die, trees, a stranger's service, and a projection built anew. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { topics } from '@tidings/contracts/topics.ts';
import { openKafkaLog } from '@tidings/event-log/kafka/kafka-log.ts';
import { acceptImport, createChannel, getJson, untilEnded } from '@tidings/testing/connections/requests.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { randomNumbers, seedOf } from '@tidings/testing/random.ts';
import { type Distributed, startDistributed } from '@tidings/testing/stack/distributed.ts';
import { makeFolder } from '@tidings/testing/temporary-folder.ts';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { pythonWithKafka } from '../../foreign/python.ts';
import { readCommitted } from '../../foreign/read-committed.ts';
import { makeContactsFile } from '../../test/contacts-file.ts';
import { expectOneTree, expectWholeEvents, readEvents } from '../../test/event-tree.ts';
import { RunningProgram, root, run } from '../../test/installed-client.ts';

const SLOW = { timeout: 600_000 };
let system: Distributed;
let python: string;
let brokers: string;
let folder: Awaited<ReturnType<typeof makeFolder>>;

beforeAll(async () => {
  folder = await makeFolder();
  [python, system] = await Promise.all([
    pythonWithKafka(),
    startDistributed({
      instances: { hub: 1, 'jobs-service': 1, importer: 1, aggregator: 2, 'reference-data': 1 },
    }),
  ]);
  brokers = system.environment.KAFKA_BROKERS ?? '';
}, 600_000);
afterAll(async () => {
  await system?.stop();
  await folder?.remove();
});

const upload = (rows: number, name: string) =>
  acceptImport(system.url, { file: makeContactsFile(rows, name).bytes });

interface Printed {
  readonly key: string;
  readonly type: string;
  readonly subject: string;
}

/** How often each output of the imports was read: `<channel or support> <type>`, by import. */
function countOutputs(printed: readonly Printed[], ids: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { key, type, subject } of printed.filter((one) => ids.includes(one.subject))) {
    const name = `${subject} ${key === 'support' ? 'support' : 'own'} ${type}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

test(
  'foreign consumers of committed records count each output once, while aggregators are killed',
  SLOW,
  async () => {
    const random = randomNumbers(seedOf('EVENTS_SEED'));
    const script = join(root, 'e2e/foreign/read_committed.py');
    const reader = new RunningProgram(python, [script, brokers, topics.notifications], {});
    await eventually(() => expect(reader.output).toContain('ready'), { withinMs: 60_000 });
    const ids: string[] = [];
    const { aggregator } = system.processes;
    for (let round = 0; round < 4; round += 1) {
      const { importId } = await upload(1_000 + Math.floor(random() * 3_000), `killed-${round}.example`);
      ids.push(importId);
      const victim = aggregator[Math.floor(random() * aggregator.length)];
      await victim?.kill();
      await victim?.start();
    }
    for (const importId of ids) {
      const state = await untilEnded(system.url, importId, system.supportToken);
      expect(state.status).toBe('completed_with_errors');
    }
    const outputs = ['accepted', 'sealed', 'completed_with_errors', 'reconciled'].map(
      (name) => `own import.${name}`,
    );
    const copies = ['completed_with_errors', 'reconciled'].map((name) => `support import.${name}`);
    const expected = Object.fromEntries(
      ids.flatMap((importId) => [...outputs, ...copies].map((name) => [`${importId} ${name}`, 1])),
    );
    const printed = () => readCommitted(reader).map(({ key, value }) => ({ ...(value as Printed), key }));
    await eventually(() => expect(countOutputs(printed(), ids)).toEqual(expected), { withinMs: 120_000 });
    const lines = await system.engines.kafka.consoleConsumer(topics.notifications, {
      arguments: ['--property', 'print.key=true'],
    });
    const consoleRecords = lines.map((line) => {
      const [key = '', value = ''] = line.split('\t');
      return { ...(JSON.parse(value) as Printed), key };
    });
    expect(countOutputs(consoleRecords, ids)).toEqual(expected);
  },
);

test(
  'kafka-python counts each notification that waits for its time, and each setting, once, while the jobs service is killed',
  SLOW,
  async () => {
    const { channelId, token } = await createChannel(system.url);
    const read = (topic: string) =>
      new RunningProgram(python, [join(root, 'e2e/foreign/read_committed.py'), brokers, topic], {});
    const [notifications, schedule, settings] = [
      topics.notifications,
      topics.schedule,
      topics.ownerSettings,
    ].map(read) as [RunningProgram, RunningProgram, RunningProgram];
    await eventually(
      () => {
        for (const { output } of [notifications, schedule, settings]) expect(output).toContain('ready');
      },
      { withinMs: 60_000 },
    );
    const send = (method: string, path: string, bearer: string, body: object) =>
      fetch(`${system.url}${path}`, {
        method,
        headers: { Authorization: `Bearer ${bearer}`, 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      });
    const delayed = [3, 5, 7, 9].map((seconds) => ({
      ...{ subject: 'delayed', type: 'delayed.done', data: { seconds } },
      deliverAt: new Date(Date.now() + seconds * 1000).toISOString(),
    }));
    const published = await send('POST', `/channels/${channelId}/notifications`, system.apiKey, delayed);
    const { eventIds } = (await published.json()) as { eventIds: string[] };
    expect((await send('PUT', '/settings', token, { duplicates: 'skip' })).status).toBe(200);
    const [jobsService] = system.processes['jobs-service'];
    for (let time = 0; time < 2; time += 1) {
      await jobsService?.kill();
      await jobsService?.start();
    }
    await eventually(
      () => {
        const due = readCommitted(notifications).map(
          ({ value }) => value as { type: string; eventId: string },
        );
        expect(due.flatMap(({ type, eventId }) => (type === 'delayed.done' ? [eventId] : []))).toEqual(
          eventIds,
        );
        // Each has waited, and was removed in the transaction that delivered it.
        const removed = readCommitted(schedule).flatMap(({ key, value }) => (value === null ? [key] : []));
        for (const eventId of eventIds)
          expect(removed.filter((key) => key.endsWith(eventId))).toHaveLength(1);
        const chosen = readCommitted(settings).filter(({ key }) => key === 'choices/default');
        expect(chosen).toMatchObject([{ value: { owner: 'default', correlationId: expect.any(String) } }]);
      },
      { withinMs: 120_000 },
    );
  },
);

test(
  'an import is one tree, and every event says what led to it, whose it is and who wrote it',
  SLOW,
  async () => {
    const { importId, channelToken } = await upload(5_000, 'tree.example');
    await untilEnded(system.url, importId, channelToken);
    const last = ['chunk.work', 'chunk.completed', 'import.projected', 'import.reconciled'];
    await eventually(
      async () => {
        const found = await readEvents(`${system.url}/imports/${importId}/events?`, system.supportToken);
        expect(found.map(({ type }) => type)).toEqual(expect.arrayContaining(last));
      },
      { withinMs: 120_000 },
    );
    await expectOneTree(system.url, importId, channelToken);
    const log = await openKafkaLog({ brokers: brokers.split(','), replication: 1 });
    onTestFinished(() => log.close());
    expect(await expectWholeEvents(log, importId, 'default')).toBeGreaterThan(8);
  },
);

test(
  'a stranger keeps a mailing list by the outcomes of imports, and catches up after an absence',
  SLOW,
  async () => {
    const list = join(folder.path, 'list.txt');
    await writeFile(list, '');
    const start = () =>
      new RunningProgram(
        python,
        [join(root, 'examples/mailing-list/mailing_list.py'), brokers, system.url, list],
        {
          PUBLISH_API_KEY: system.apiKey,
        },
      );
    const importOf = async (name: string) => {
      const bytes = `email\nann@${name}\nben@${name}\n`;
      const { importId } = await acceptImport(system.url, { file: bytes });
      await untilEnded(system.url, importId, system.supportToken);
      return [`ann@${name}`, `ben@${name}`];
    };
    const listed = async () => (await readFile(list, 'utf8')).split('\n').filter((line) => line !== '');
    const first = await importOf('before.example');
    const program = start();
    await eventually(async () => expect(await listed()).toEqual(expect.arrayContaining(first)), {
      withinMs: 120_000,
    });
    await program.stop('SIGKILL');
    const missed = [...(await importOf('absence-1.example')), ...(await importOf('absence-2.example'))];
    const again = start();
    await eventually(
      async () => expect(await listed(), again.output).toEqual(expect.arrayContaining(missed)),
      {
        withinMs: 120_000,
      },
    );
    const all = await listed();
    expect(new Set(all).size).toBe(all.length);
  },
);

test('the projection is built anew while an import runs, and is the same', SLOW, async () => {
  const running = await upload(30_000, 'running.example');
  const environment = { ...process.env, ...system.environment };
  const rebuilt = run('npm', ['run', '--silent', 'rebuild-projection'], { cwd: root, env: environment });
  const [{ stdout }] = await Promise.all([
    rebuilt,
    untilEnded(system.url, running.importId, running.channelToken),
  ]);
  expect(stdout).toMatch(/of \d+ commands read/);
  expect(stdout).toMatch(/\n {2}0 have the same version and another content\n/);
  expect(stdout).toContain('The rebuilt projection is the running one now.');
  const { items } = await getJson<{ items: { importId: string }[] }>(
    `${system.url}/imports?limit=500`,
    system.supportToken,
  );
  expect(items.map(({ importId }) => importId)).toContain(running.importId);
});
