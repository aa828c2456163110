/**
 * On Kafka, Redis and PostgreSQL it must not matter which process does what, and which of them dies. The tests kill real
 * processes; totals must be exact, and no client may miss a durable notification.
 */

import { openChannel } from '@tidings/client/index.ts';
import { type ImportState, rowsReported } from '@tidings/contracts/imports/import.ts';
import type { Notification } from '@tidings/contracts/notifications/notification.ts';
import {
  acceptImport,
  getJson,
  postImport,
  problemOf,
  untilEnded,
} from '@tidings/testing/connections/requests.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { type Distributed, startDistributed } from '@tidings/testing/stack/distributed.ts';
import type { ServiceInstance } from '@tidings/testing/stack/service-instance.ts';
import { afterAll, beforeAll, describe, expect, onTestFailed, onTestFinished, test } from 'vitest';
import { type ContactsFile, makeContactsFile } from '../test/contacts-file.ts';
import { listen } from '../test/listener.ts';
import { beginUpload } from '../test/streamed-upload.ts';

let system: Distributed;
beforeAll(async () => {
  system = await startDistributed();
}, 180_000);
afterAll(() => system?.stop());

function instance(
  service: 'hub' | 'jobs-service' | 'importer' | 'aggregator',
  number: 0 | 1,
): ServiceInstance {
  const found = system.processes[service][number];
  if (found === undefined) throw new Error(`there is no ${service} ${number}`);
  return found;
}

interface Started {
  readonly importId: string;
  readonly token: string;
  readonly file: ContactsFile;
}

/** Uploads new contacts through the proxy. Resolves when the last byte is in. */
async function startImport(
  rows: number,
  name: string,
  fields: Record<string, string> = {},
): Promise<Started> {
  onTestFailed(() => void process.stdout.write(system.outputs()));
  const file = makeContactsFile(rows, name);
  const { importId, channelToken } = await acceptImport(system.url, { file: file.bytes, fields });
  return { importId, token: channelToken, file };
}

async function untilMidImport({ importId }: Started): Promise<void> {
  await eventually(
    async () => {
      const state = await getJson<ImportState>(`${system.url}/imports/${importId}`, system.supportToken);
      expect(rowsReported(state)).toBeGreaterThan(0);
    },
    { withinMs: 60_000, everyMs: 20 },
  );
}

async function expectExactEnd({ importId, token, file }: Started): Promise<void> {
  const state = await untilEnded(system.url, importId, token);
  expect(state).toMatchObject({
    status: 'completed_with_errors',
    rows: { total: file.rows, ...file.expected },
  });
  await eventually(
    async () => {
      const projected = await getJson<ImportState>(`${system.url}/imports/${importId}`, system.supportToken);
      expect(projected.reconciled).toBe(true);
    },
    { withinMs: 60_000, everyMs: 100 },
  );
}

/** The last notification of an import. */
const isReconciled = ({ type, data }: Notification): boolean =>
  type === 'import.reconciled' && (data as ImportState).reconciled === true;

/** Expects the numbers of the durable notifications without a gap, each once. */
function expectContiguous(received: readonly Notification[], last: number): void {
  const numbers = received.filter(({ lane }) => lane === 'durable').map(({ seq }) => seq);
  expect([...new Set(numbers)]).toEqual(Array.from({ length: last }, (_, index) => index + 1));
}

describe('which process does what does not matter', () => {
  test('an import through jobs service 1 is followed on hub 2', async () => {
    const mine = await listen(instance('hub', 1).url);
    const { channelId, token } = mine.opened;
    const file = makeContactsFile(2_000, 'crossed.example');
    const fields = { channelId, channelToken: token };
    await acceptImport(instance('jobs-service', 0).url, { file: file.bytes, fields });
    const outcome = await mine.until(isReconciled);
    expect((outcome.data as ImportState).rows).toEqual({ total: file.rows, ...file.expected });
    expectContiguous(mine.received, 4);
  });
});

describe('which process dies does not matter', () => {
  test('hub 2 is killed: its client lands on hub 1, and misses nothing', async () => {
    const before = await listen(instance('hub', 1).url);
    const { channelId, token, epoch } = before.opened;
    const started = await startImport(20_000, 'landed.example', { channelId, channelToken: token });
    const { seq = 0 } = await before.until(({ lane }) => lane === 'durable');
    await instance('hub', 1).kill();
    onTestFinished(() => instance('hub', 1).start());
    const after = await listen(instance('hub', 0).url, { channelId, token, epoch, seq });
    expect(after.opened.recovered).toBe(true);
    const outcome = await after.until(isReconciled);
    expect((outcome.data as ImportState).rows).toEqual({ total: 20_000, ...started.file.expected });
    const kept = before.received.filter(
      ({ lane, seq: number }) => lane === 'durable' && (number ?? 0) <= seq,
    );
    expectContiguous([...kept, ...after.received], 4);
  });

  test.each(['importer', 'aggregator'] as const)(
    'an %s is killed in mid-import: the totals are exact',
    async (service) => {
      const started = await startImport(60_000, `killed-${service}.example`);
      await untilMidImport(started);
      await instance(service, 0).kill();
      onTestFinished(() => instance(service, 0).start());
      await expectExactEnd(started);
    },
  );

  test('PostgreSQL, Redis and Kafka are killed in turn and started again: the totals are exact', async () => {
    const started = await startImport(100_000, 'engines.example');
    await untilMidImport(started);
    for (const server of [system.engines.postgres, system.engines.redis, system.engines.kafka]) {
      await server.kill();
      await server.restart();
    }
    await expectExactEnd(started);
  });
});

/** Milliseconds in which the connection takes no byte, although there is more to send, after which the receiver counts as not reading. */
const STANDSTILL_MS = 2_000;

test('Kafka goes away while a file comes in: it is read no further, and answered 503; all heals by itself, exactly', async () => {
  const { kafka } = system.engines;
  const accepted = await startImport(20_000, 'before-outage.example');
  const mine = await listen(system.url);
  const { channelId, token } = mine.opened;
  // The rows that were imported stay, so that they can be counted.
  const fields = { channelId, channelToken: token, autoUndo: 'false' };
  // Several times the size of the system's buffers between a sender and a receiver that does not read.
  const file = makeContactsFile(160_000, 'cut-off.example');
  const upload = beginUpload(instance('jobs-service', 0).url, fields);
  onTestFinished(() => upload.destroy());
  const [first, rest] = [file.bytes.subarray(0, 2_000_000), file.bytes.subarray(2_000_000)];
  await upload.send(first);
  const { subject: importId } = await mine.until(({ data }) => rowsReported(data as ImportState) > 0);

  await kafka.kill();
  onTestFinished(async () => {
    if (!kafka.running) await kafka.restart();
  });
  const killedAt = Date.now();
  const sent = upload.send(rest).then(
    () => 'all',
    () => 'not all',
  );
  const another = postImport(system.url, { file: first });
  const standstill = () => Date.now() - Math.max(killedAt, upload.takenAt);
  await eventually(() => expect(standstill()).toBeGreaterThan(STANDSTILL_MS), { withinMs: 15_000 });
  expect(upload.taken).toBeLessThan(file.bytes.length);
  expect(await Promise.race([sent, upload.answer, 'waiting'])).toBe('waiting');
  const { status, headers, body } = await upload.answer;
  expect([status, JSON.parse(body)]).toMatchObject([503, { code: 'unavailable', retriable: true }]);
  expect(Number(headers['retry-after'])).toBeGreaterThan(0);
  const answer = await another;
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await problemOf(answer)).toMatchObject({ status: 503, code: 'unavailable', retriable: true });

  await kafka.restart();
  const { subject, data } = await mine.until(({ final }) => final === true);
  const failed = data as ImportState;
  const aborted = { status: 'failed', upload: 'aborted', uploadError: 'log_unavailable' };
  expect([subject, failed]).toMatchObject([importId, aborted]);
  expect(rowsReported(failed)).toBe(failed.rows.total);
  await expectExactEnd(accepted);

  const again = await acceptImport(system.url, { file: file.bytes, fields });
  const { rows } = await untilEnded(system.url, again.importId, token);
  expect(rows).toMatchObject({
    total: file.rows,
    duplicate: file.expected.duplicate,
    rejected: file.expected.rejected,
  });
  // One of the two imports created each contact, once: also a contact whose chunk Kafka took without an answer.
  expect(failed.rows.created + rows.created).toBe(file.expected.created);
  expect(await getJson(`${system.url}/imports/${importId}`, token)).toMatchObject({ reconciled: true });
}, 180_000);

test('a rolling restart of everything during imports: exact totals, and no client misses a durable notification', async () => {
  const channels = Array.from({ length: 10 }, () => openChannel({ url: system.url }));
  onTestFinished(() => {
    for (const channel of channels) channel.close();
  });
  const told = channels.map((channel) => {
    const received: Notification[] = [];
    channel.onSnapshot(({ durable }) => received.push(...durable));
    channel.onNotification((notification) => received.push(notification));
    return received;
  });
  await Promise.all(channels.map((channel) => channel.ready()));
  const [watched] = channels;
  if (watched?.credentials == null) throw new Error('no channel');
  const { channelId, token } = watched.credentials;
  const large = await startImport(200_000, 'rolled.example', { channelId, channelToken: token });
  const small = await Promise.all(
    channels.slice(1).map(({ credentials }, index) =>
      startImport(500, `rolled-${index}.example`, {
        channelId: credentials?.channelId ?? '',
        channelToken: credentials?.token ?? '',
      }),
    ),
  );
  for (const number of [0, 1] as const) {
    const wave = Object.values(system.processes).flatMap((instances) => instances[number] ?? []);
    await Promise.all(wave.map((one) => one.stop()));
    await Promise.all(wave.map((one) => one.start()));
  }
  for (const started of [large, ...small]) await expectExactEnd(started);
  for (const received of told) {
    await eventually(() => expectContiguous(received, 4), { withinMs: 60_000, everyMs: 50 });
  }
}, 300_000);
