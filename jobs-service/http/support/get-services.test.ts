import type { ServiceReport, ServicesView } from '@tidings/contracts/services/services.ts';
import { topics, workTopics } from '@tidings/contracts/topics.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { openTestLog } from '@tidings/testing/log.ts';
import { standInFor } from '@tidings/testing/log-stand-in.ts';
import { expect, onTestFinished, test } from 'vitest';
import { SUPPORT_TOKEN, startApiServer } from '../../test/api-server.ts';

const since = '2026-03-14T09:26:53.000Z';
const report = (more: Partial<ServiceReport>): ServiceReport => ({
  ...{ service: 'hub', instance: 'nordwind-1:4711', startedAt: since, stopping: false },
  checks: [{ name: 'log', ready: true, since }],
  ...more,
});

function recordOf(one: ServiceReport) {
  const value = new TextEncoder().encode(JSON.stringify(one));
  return { topic: topics.serviceReports, key: `${one.service}/${one.instance}`, value };
}

async function view(server: Awaited<ReturnType<typeof startApiServer>>): Promise<ServicesView> {
  const response = await server.send('/services', SUPPORT_TOKEN);
  expect(response.status).toBe(200);
  return (await response.json()) as ServicesView;
}

test('support is told of every process that reports, and how far each group is behind that reads something', async () => {
  const log = await openTestLog();
  const { topic, group } = workTopics.bulk;
  const [chunk] = await log.append([
    { topic, key: 'i:0', value: new Uint8Array() },
    recordOf(report({})),
    recordOf(report({ instance: 'nordwind-2:88' })),
    recordOf(
      report({ service: 'importer', checks: [{ name: 'contacts', ready: false, since, reason: 'away' }] }),
    ),
    { topic: topics.serviceReports, key: 'x', value: new TextEncoder().encode('no JSON') },
    recordOf(report({ instance: 'nordwind-2:88', stopping: true })),
  ]);
  let isWorkedOff = false;
  const consumer = await log.consume({
    ...{ group, topics: [topic] },
    async handler() {
      if (!isWorkedOff) throw new Error('not yet');
    },
  });
  onTestFinished(() => consumer.stop());
  const server = await startApiServer({ log });
  const first = await eventually(async () => {
    const seen = await view(server);
    expect(seen.groups?.find((item) => item.group === group)).toMatchObject({ members: 1, waiting: 1 });
    return seen;
  });
  expect(first.oldestChunkAt).toBe(new Date(chunk?.timestamp ?? 0).toISOString());
  const instances = Object.fromEntries(
    first.services.map((item) => [
      item.service,
      item.instances.map(({ instance, status }) => `${instance} ${status}`),
    ]),
  );
  expect(instances).toMatchObject({
    ...{ hub: ['nordwind-1:4711 ready'], importer: ['nordwind-1:4711 degraded'], aggregator: [] },
  });
  // A group that nobody is in, and that has read nothing, is not in use.
  expect(first.groups?.map((item) => item.group)).not.toContain('hub');
  isWorkedOff = true;
  await eventually(
    async () => {
      const seen = await view(server);
      expect(seen.groups?.find((item) => item.group === group)).toMatchObject({ waiting: 0, oldestAt: null });
      expect(seen.oldestChunkAt).toBeNull();
    },
    { withinMs: 30_000 },
  );
});

test('a log that does not answer is told of by what this process has found, within seconds', async () => {
  const log = await openTestLog();
  const never = () => new Promise<never>(() => undefined);
  const away = standInFor(log, { committedOffsets: never, countMembers: never });
  const checks = [{ name: 'log', ready: false, since, reason: 'no answer within 2000 ms' }];
  const server = await startApiServer(
    { log: away },
    { reports: [report({ service: 'jobs-service', checks })] },
  );
  const seen = await view(server);
  expect(seen.groups).toBeNull();
  expect(seen.engines).toEqual([{ name: 'log', ready: false, since, reason: 'no answer within 2000 ms' }]);
});
