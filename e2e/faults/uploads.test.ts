/**
 * Uploads and the processes that receive them, on Kafka and PostgreSQL: whoever dies or sleeps in mid-upload, the import ends; and
 * while something is stopped, an import says truly what it waits for.
 */
import { uploadImport } from '@tidings/client/index.ts';
import type { UploadOffset } from '@tidings/contracts/files/upload.ts';
import { type ImportState, isAtRest, rowsReported } from '@tidings/contracts/imports/import.ts';
import type { WaitingFor } from '@tidings/contracts/imports/waiting-for.ts';
import { acceptImport, getJson, untilEnded } from '@tidings/testing/connections/requests.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { type Distributed, startDistributed } from '@tidings/testing/stack/distributed.ts';
import type { ServiceInstance } from '@tidings/testing/stack/service-instance.ts';
import { afterAll, beforeAll, describe, expect, onTestFailed, onTestFinished, test } from 'vitest';
import { type ContactsFile, makeContactsFile } from '../test/contacts-file.ts';
import { listen } from '../test/listener.ts';
import { beginUpload } from '../test/streamed-upload.ts';

let system: Distributed;
beforeAll(async () => {
  const instances = { hub: 1, 'jobs-service': 3, importer: 1, aggregator: 1, 'reference-data': 1 };
  system = await startDistributed({ instances });
}, 180_000);
afterAll(() => system?.stop());

function instance(service: 'jobs-service' | 'importer', number = 0): ServiceInstance {
  const found = system.processes[service][number];
  if (found === undefined) throw new Error(`there is no ${service} ${number}`);
  return found;
}

/** The instance that no test stops answers. */
function stateOf(importId: string): Promise<ImportState> {
  return getJson(`${instance('jobs-service', 2).url}/imports/${importId}`, system.supportToken);
}

/** Begins an upload; resolves once a part of the file is imported. @param key of an upload that may go on */
async function uploadInMiddle({ url }: Pick<ServiceInstance, 'url'>, name: string, key?: string) {
  const mine = await listen(system.url);
  const { channelId, token } = mine.opened;
  const headers: Record<string, string> = { Authorization: `Bearer ${token}` };
  if (key !== undefined) headers['Idempotency-Key'] = key;
  const upload = beginUpload(url, { channelId }, headers);
  onTestFinished(() => upload.destroy());
  const file = makeContactsFile(40_000, name);
  await upload.send(file.bytes.subarray(0, 2_000_000));
  const { subject: importId } = await mine.until(({ data }) => rowsReported(data as ImportState) > 0);
  return { importId, channelId, token, upload, file, domain: file.domain, headers };
}

/** Within two minutes, as the product promises. */
const PROMISED_MS = 120_000;

function untilExpired(importId: string): Promise<ImportState> {
  return eventually(
    async () => {
      const state = await stateOf(importId);
      expect(state).toMatchObject({ status: 'failed', upload: 'aborted', uploadError: 'expired' });
      expect(isAtRest(state) && state.reconciled).toBe(true);
      expect(state.undo?.reversed).toBe(state.rows.created);
      return state;
    },
    { withinMs: PROMISED_MS, everyMs: 500 },
  );
}

test('jobs services are killed and paused in mid-upload: both imports end, and the one that wakes changes nothing any more', async () => {
  onTestFailed(() => void process.stdout.write(system.outputs()));
  const [killed, paused] = [instance('jobs-service', 0), instance('jobs-service', 1)];
  const [dead, asleep] = await Promise.all([
    uploadInMiddle(killed, 'killed.example'),
    uploadInMiddle(paused, 'paused.example'),
  ]);
  await killed.kill();
  onTestFinished(() => killed.start());
  paused.pause();
  onTestFinished(() => paused.resume());
  const [, before] = await Promise.all([untilExpired(dead.importId), untilExpired(asleep.importId)]);
  for (const { domain } of [dead, asleep]) {
    const query = `${instance('jobs-service', 2).url}/contacts?query=${domain}`;
    expect(await getJson(query, dead.token)).toMatchObject({ items: [] });
  }
  paused.resume();
  const { body } = await asleep.upload.answer;
  expect(JSON.parse(body)).toMatchObject({ retriable: true });
  await paused.untilReady();
  const { waitingFor: _, ...after } = await stateOf(asleep.importId);
  expect(before).toMatchObject(after);
}, 240_000);

async function expectWhole(importId: string, token: string, file: ContactsFile): Promise<void> {
  const { rows } = await untilEnded(system.url, importId, token);
  expect(rows).toEqual({ total: file.rows, ...file.expected });
  const contacts = await fetch(`${system.url}/contacts.csv?query=${file.domain}`, {
    headers: { Authorization: `Bearer ${token}` },
  });
  expect((await contacts.text()).split(`@${file.domain}`).length - 1).toBe(file.expected.created);
}

describe('the connection of a sender to the proxy is lost', () => {
  const offsetAt = (url: string, headers: Readonly<Record<string, string>>) =>
    fetch(`${url}/imports/upload`, { headers });

  // Two of three would have found nothing at another instance.
  test.each([1, 2])(
    'and the upload goes on at the instance that has it, by its key (%i)',
    async (number) => {
      const key = `proxied-${number}`;
      const { importId, token, upload, file, headers } = await uploadInMiddle(system, 'proxied.example', key);
      upload.destroy();
      const response = await offsetAt(system.url, headers);
      const { offset } = (await response.json()) as UploadOffset;
      expect([response.status, offset > 0]).toEqual([200, true]);
      const rest = await fetch(`${system.url}/imports/upload`, {
        method: 'PATCH',
        headers: {
          ...headers,
          'Upload-Offset': `${offset}`,
          'Content-Type': 'application/offset+octet-stream',
        },
        body: new Uint8Array(file.bytes.subarray(offset)),
      });
      expect(rest.status).toBe(202);
      await expectWhole(importId, token, file);
      expect(await stateOf(importId)).toMatchObject({ upload: 'sealed', bytes: file.bytes.length });
    },
    240_000,
  );

  test('and that instance is killed: the whole file goes to another one, and each row is there once', async () => {
    onTestFailed(() => void process.stdout.write(system.outputs()));
    const key = 'killed-receiver';
    const begun = await uploadInMiddle(system, 'killed-receiver.example', key);
    const { importId, channelId, token, upload, file, headers } = begun;
    upload.destroy();
    const answers = await Promise.all(
      system.processes['jobs-service'].map(async (each) => ({
        each,
        status: (await offsetAt(each.url, headers)).status,
      })),
    );
    const [receiver, ...others] = answers.filter(({ status }) => status === 200);
    expect(others).toEqual([]);
    await receiver?.each.kill();
    onTestFinished(() => receiver?.each.start());
    const accepted = await uploadImport({
      baseUrl: system.url,
      file: new Blob([new Uint8Array(file.bytes)]),
      fileName: 'contacts.csv',
      channel: { channelId, token },
      idempotencyKey: key,
    });
    expect(accepted.importId).toBe(importId);
    await expectWhole(importId, token, file);
  }, 300_000);
});

// Such an upload met an outage in proofs alone, by chance.
test('an upload that waits for its rest while the log and the database are away is there once they are back, each row once', async () => {
  onTestFailed(() => void process.stdout.write(system.outputs()));
  const key = 'waits-in-outage';
  const begun = await uploadInMiddle(system, 'waits-in-outage.example', key);
  const { importId, channelId, token, upload, file } = begun;
  const { postgres, kafka } = system.engines;
  onTestFinished(async () => {
    for (const engine of [kafka, postgres]) if (!engine.running) await engine.restart();
  });
  upload.destroy();
  await Promise.all([postgres.kill(), kafka.kill()]);
  const problems: string[] = [];
  const accepted = uploadImport({
    baseUrl: system.url,
    file: new Blob([new Uint8Array(file.bytes)]),
    fileName: 'contacts.csv',
    channel: { channelId, token },
    idempotencyKey: key,
    onWait: (_milliseconds, { code }) => problems.push(code),
  });
  await eventually(() => expect(problems.length).toBeGreaterThan(0), { withinMs: 60_000 });
  await Promise.all([kafka.restart(), postgres.restart()]);
  expect((await accepted).importId).toBe(importId);
  await expectWhole(importId, token, file);
}, 300_000);

describe('what an import waits for', () => {
  /** Resolves once the import says that it waits for this. */
  const untilWaiting = (importId: string, reason: WaitingFor['reason']) =>
    eventually(
      async () => {
        const { waitingFor } = await stateOf(importId);
        expect(waitingFor?.reason).toBe(reason);
        return waitingFor;
      },
      { withinMs: 60_000, everyMs: 100 },
    );
  const accept = (rows: number, name: string) =>
    acceptImport(instance('jobs-service', 2).url, { file: makeContactsFile(rows, name).bytes });

  test('an importer, then nothing; then the database, then the log, while each is away', async () => {
    onTestFailed(() => void process.stdout.write(system.outputs()));
    const importer = instance('importer');
    await importer.stop();
    onTestFinished(async () => {
      if (!importer.running) await importer.start();
    });
    const { importId, channelToken } = await accept(60_000, 'waiting.example');
    expect(await untilWaiting(importId, 'importer')).toEqual({ reason: 'importer', text: 'no importer' });
    await importer.start();
    await eventually(async () => expect((await stateOf(importId)).waitingFor).toBeNull());
    const { postgres, kafka } = system.engines;
    onTestFinished(async () => {
      for (const engine of [kafka, postgres]) if (!engine.running) await engine.restart();
    });
    await postgres.kill();
    expect(await untilWaiting(importId, 'database')).toEqual({ reason: 'database', text: 'database' });
    await kafka.kill();
    expect(await untilWaiting(importId, 'log')).toEqual({ reason: 'log', text: 'log' });
    await kafka.restart();
    await postgres.restart();
    const state = await untilEnded(instance('jobs-service', 2).url, importId, channelToken);
    expect(state).toMatchObject({ status: 'completed_with_errors', waitingFor: null });
  }, 240_000);

  test('its turn, behind the chunks of another import', async () => {
    onTestFailed(() => void process.stdout.write(system.outputs()));
    const first = await accept(60_000, 'first.example');
    const second = await accept(40_000, 'second.example');
    const waiting = await untilWaiting(second.importId, 'turn');
    expect(waiting?.chunksBefore).toBeGreaterThan(0);
    for (const { importId, channelToken } of [first, second])
      await untilEnded(instance('jobs-service', 2).url, importId, channelToken);
  }, 240_000);
});
