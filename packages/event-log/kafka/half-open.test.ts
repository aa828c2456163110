/**
 * Connections that are open and lead nowhere: a firewall has forgotten them, or the network drops the packets. Neither side gets an
 * error, so only the log's own deadlines end them.
 */
import { startTcpProxy } from '@tidings/testing/connections/tcp-proxy.ts';
import { startEngines } from '@tidings/testing/engines/start-engines.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { readAll } from '@tidings/testing/log.ts';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { copier } from '../conformance/copier.ts';
import { failure, numbersOf, record, topicFor, unique, upTo } from '../conformance/fixtures.ts';
import type { EventLog, LogRecord } from '../event-log.ts';
import { openKafkaLog } from './kafka-log.ts';
import { testSettings } from './test/settings.ts';

const timeout = 180_000;
/** Milliseconds, for busy machines: the longest deadline below is that of a member without a sign of life. */
const comesBackWithinMs = 90_000;
/** Every deadline that ends a wait is far shorter than in production, so that all of them pass within seconds. */
const shortDeadlines = {
  callTimeoutMs: 1_000,
  deliveryTimeoutMs: 2_000,
  deadlines: { produceMs: 500, fetchMs: 500, rebalanceMs: 2_000, memberMs: 4_000 },
};
const patiently = <Result>(expectations: () => Result | Promise<Result>): Promise<Result> =>
  eventually(expectations, { withinMs: comesBackWithinMs, everyMs: 20 });

/** The only way to the broker, because the broker tells its clients this address. */
let target = 0;
const network = await startTcpProxy(() => target);
const engines = await startEngines({
  kafka: true,
  kafkaVariation: {
    properties: ({ broker }) => {
      target = broker;
      return [
        `advertised.listeners=PLAINTEXT://127.0.0.1:${network.port}`,
        // The broker reaches itself through this network too, to end transactions.
        'request.timeout.ms=1000',
        'group.min.session.timeout.ms=500',
        'transaction.abort.timed.out.transaction.cleanup.interval.ms=200',
      ];
    },
  },
});
afterAll(async () => {
  await engines.stop();
  await network.close();
});

/** A log with one group that consumes `input` and another that copies it to `output`; both have worked before the test goes on. */
async function startScene() {
  const log = await openKafkaLog({ ...testSettings(`127.0.0.1:${network.port}`), ...shortDeadlines });
  onTestFinished(() => log.close());
  const [input, output] = [await topicFor(log), await topicFor(log)];
  const consumed: LogRecord[] = [];
  const handler = async (records: readonly LogRecord[]) => void consumed.push(...records);
  await log.consume({ group: unique('group'), topics: [input], handler });
  await log.process({
    group: unique('group'),
    topics: [input],
    createProcessor: () => copier(output, false),
  });
  await append(log, input, 0);
  await patiently(() => expect(new Set(numbersOf(consumed))).toContain(0));
  await patiently(async () => expect(numbersOf(await readAll(log, output))).toEqual([0]));
  return { log, input, output, consumed };
}

type Scene = Awaited<ReturnType<typeof startScene>>;

function append(log: EventLog, topic: string, number: number) {
  return log.append([record(topic, `key-${number % 5}`, String(number))]);
}

async function expectAllThere({ log, input, output, consumed }: Scene, count: number): Promise<void> {
  const all = [...upTo(count)];
  await patiently(() => expect([...new Set(numbersOf(consumed))]).toEqual(all));
  await patiently(async () => expect(numbersOf(await readAll(log, output))).toEqual(all));
  expect(numbersOf(await readAll(log, input))).toEqual(all);
}

test('half-open connections are all replaced, and no record is missing', { timeout }, async () => {
  const scene = await startScene();
  network.forget();
  for (const number of [1, 2, 3]) await patiently(() => append(scene.log, scene.input, number));
  await expectAllThere(scene, 4);
});

test('while a network drops every packet, calls fail in time; afterwards all work continues', {
  timeout,
}, async () => {
  const scene = await startScene();
  const { log, input } = scene;
  network.swallow();
  try {
    // The readiness check of a hub sends this request.
    await expect(log.endOffsets(input)).rejects.toMatchObject(failure('log_unavailable', true));
    await expect(append(log, input, 99)).rejects.toMatchObject(failure('log_unavailable', true));
    await expect(log.endOffsets(input)).rejects.toMatchObject(failure('log_unavailable', true));
  } finally {
    network.pass();
  }
  for (const number of [1, 2, 3]) await patiently(() => append(log, input, number));
  await expectAllThere(scene, 4);
});
