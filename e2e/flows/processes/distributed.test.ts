/** The main job on Kafka, Redis and PostgreSQL: two processes of every service behind a proxy, the same flows as on one machine. */

import type { ServicesView } from '@tidings/contracts/services/services.ts';
import { type ServiceName, serviceNames } from '@tidings/service-kit/programs.mjs';
import { untilEnded } from '@tidings/testing/connections/requests.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { type Distributed, startDistributed } from '@tidings/testing/stack/distributed.ts';
import type { Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { makeContactsFile } from '../../test/contacts-file.ts';
import { describeImportFlows, type Flow } from '../../test/import-flows.ts';

/** Milliseconds in which a page learns that Redis is away or back, also on a busy machine. */
const NOTICED = { timeout: 30_000 };

let distributed: Distributed;

describeImportFlows(
  'on Kafka, Redis and PostgreSQL',
  async () => {
    distributed = await startDistributed();
    const { hub, importer } = distributed.processes;
    const affected = [...hub, ...importer];
    return {
      url: distributed.url,
      supportUrl: distributed.supportUrl,
      crash: async () => void (await Promise.all(affected.map((instance) => instance.kill()))),
      recover: async () => void (await Promise.all(affected.map((instance) => instance.start()))),
      dispose: () => distributed.stop(),
    };
  },
  describeLateUpdates,
);

/** The text of the page's only live region. */
async function expectSaid(page: Page, sentence: string): Promise<void> {
  expect(await page.locator('[aria-live]').count()).toBe(1);
  await page
    .getByTestId('announcer')
    .getByText(sentence)
    .waitFor({ state: 'attached', ...NOTICED });
}

async function expectLate(page: Page): Promise<void> {
  await page.getByTestId('late-note').waitFor(NOTICED);
  expect(await page.getByTestId('late-note').innerText()).toMatch(/^Live updates may be late/);
  expect(await page.getByTestId('connection').innerText()).toBe('Updates delayed');
}

function describeLateUpdates({ openPage, pickFile, startImport, untilMidImport, expectEnd }: Flow): void {
  test('Redis killed in mid-import: the pages say that updates may be late, until it is back', async () => {
    const { redis } = distributed.engines;
    const file = makeContactsFile(100_000, 'late.example');
    const [page, support] = [await openPage(distributed.url), await openPage(distributed.supportUrl)];
    await pickFile(page, 'late.csv', file.bytes);
    await startImport(page);
    await untilMidImport(page);
    await redis.kill();
    onTestFinished(async () => {
      if (!redis.running) await redis.restart();
    });
    for (const shown of [page, support]) {
      await expectLate(shown);
      await expectSaid(shown, 'Live updates may be late. Imports go on, and this page catches up by itself.');
    }

    // The import goes on, as the note says: a page that is opened now shows the end, which no notification can tell yet.
    const importId = new URL(page.url()).searchParams.get('import') ?? '';
    await untilEnded(distributed.url, importId, distributed.supportToken);
    const [late, lateSupport] = [await openPage(page.url()), await openPage(distributed.supportUrl)];
    await expectEnd(late, file);
    await expectLate(lateSupport);
    await lateSupport.locator(`[data-import="${importId}"]`).getByText('Rows to fix').waitFor();
    // A page that hears nothing for four seconds asks, so it shows the end before Redis is back.
    await expectEnd(page, file);
    const waiting = await openPage(distributed.url);
    await pickFile(waiting, 'waiting.csv', makeContactsFile(500, 'waiting.example').bytes);
    await waiting.getByTestId('start-import').click();
    await waiting.getByText('The file is sent as soon as they are').first().waitFor(NOTICED);

    await redis.restart();
    await waiting.getByTestId('summary').waitFor(NOTICED);
    for (const shown of [support, lateSupport]) {
      await shown.getByTestId('late-note').waitFor({ state: 'detached', ...NOTICED });
      expect(await shown.getByTestId('connection').innerText()).toBe('Live');
      await expectSaid(shown, 'Live updates are back.');
    }
    expect(await page.getByTestId('late-note').count()).toBe(0);
  });

  test('support is told which processes report, that one was killed, and that Redis is away', async () => {
    const { redis } = distributed.engines;
    const view = async (): Promise<ServicesView> => {
      const headers = { Authorization: `Bearer ${distributed.supportToken}` };
      return (await (await fetch(`${distributed.url}/services`, { headers })).json()) as ServicesView;
    };
    // Processes that the tests before have ended may be listed for a while: each is known by its id.
    const statusOf = ({ services }: ServicesView, service: string, pid: number) =>
      services
        .find((one) => one.service === service)
        ?.instances.find(({ instance }) => instance.endsWith(`:${pid}`))?.status;
    const statuses = (seen: ServicesView, service: ServiceName) =>
      distributed.processes[service]
        .filter(({ running }) => running)
        .map(({ pid }) => statusOf(seen, service, pid));
    const patiently = { withinMs: 90_000, everyMs: 500 };
    const [killed] = distributed.processes.importer;
    await eventually(async () => {
      const seen = await view();
      for (const service of serviceNames)
        expect(statuses(seen, service), service).toEqual(['ready', 'ready']);
      expect(seen.engines.map(({ name, ready }) => [name, ready])).toEqual([
        ...[
          ['log', true],
          ['contacts', true],
          ['redis', true],
        ],
      ]);
      expect(seen.groups?.find(({ group }) => group === 'hub')).toMatchObject({ members: 2 });
    }, patiently);
    const killedPid = killed?.pid ?? 0;
    await Promise.all([redis.kill(), killed?.kill()]);
    onTestFinished(async () => {
      if (!redis.running) await redis.restart();
      await killed?.start();
    });
    await eventually(async () => {
      const seen = await view();
      expect(statuses(seen, 'hub')).toEqual(['degraded', 'degraded']);
      expect(seen.engines.find(({ name }) => name === 'redis')).toMatchObject({ ready: false });
      expect(statuses(seen, 'importer')).toEqual(['ready']);
      expect(statusOf(seen, 'importer', killedPid)).toBe('silent');
    }, patiently);
    await redis.restart();
    await eventually(
      async () => expect(statuses(await view(), 'hub')).toEqual(['ready', 'ready']),
      patiently,
    );
  });
}
