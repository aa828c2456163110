/**
 * Uploads and the processes that receive them, on Kafka and PostgreSQL: whoever dies or sleeps in mid-upload, the import ends; and
 * while something is stopped, an import says truly what it waits for.
 */
import { type ImportState, isAtRest, rowsReported } from '@tidings/contracts/imports/import.ts';
import type { WaitingFor } from '@tidings/contracts/imports/waiting-for.ts';
import { acceptImport, getJson, untilEnded } from '@tidings/testing/connections/requests.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { type Distributed, startDistributed } from '@tidings/testing/stack/distributed.ts';
import type { ServiceInstance } from '@tidings/testing/stack/service-instance.ts';
import { afterAll, beforeAll, describe, expect, onTestFailed, onTestFinished, test } from 'vitest';
import { makeContactsFile } from '../test/contacts-file.ts';
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

/** Begins an upload at the instance; resolves once a part of the file is imported. */
async function uploadInMiddle(receiver: ServiceInstance, name: string) {
  const mine = await listen(system.url);
  const { channelId, token } = mine.opened;
  const upload = beginUpload(receiver.url, { channelId, channelToken: token });
  onTestFinished(() => upload.destroy());
  const { bytes, domain } = makeContactsFile(40_000, name);
  await upload.send(bytes.subarray(0, 2_000_000));
  const { subject: importId } = await mine.until(({ data }) => rowsReported(data as ImportState) > 0);
  return { importId, token, upload, domain };
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
