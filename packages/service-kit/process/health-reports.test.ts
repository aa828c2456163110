import { serviceReportSchema } from '@tidings/contracts/schemas/services/services.ts';
import { topics } from '@tidings/contracts/topics.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { openTestLog, readAll } from '@tidings/testing/log.ts';
import { standInFor } from '@tidings/testing/log-stand-in.ts';
import { silentLogger as logger } from '@tidings/testing/logger.ts';
import { expect, onTestFinished, test } from 'vitest';
import { startHealthReports } from './health-reports.ts';

type Log = Awaited<ReturnType<typeof openTestLog>>;

async function reportsOf(log: Log) {
  const records = await readAll(log, topics.serviceReports);
  return records.map(({ value }) =>
    serviceReportSchema.parse(JSON.parse(new TextDecoder().decode(value ?? undefined))),
  );
}

test('a service is reported with its checks, each with the time since which it is so, and with its end', async () => {
  const log = await openTestLog();
  let isAway = false;
  const health = startHealthReports({ log, logger, everyMs: 5 });
  health.add('importer', {
    log: async () => 1,
    contacts: async () => {
      if (isAway) throw new Error('the database is away');
    },
  });
  const ready = await eventually(async () => {
    const [first] = await reportsOf(log);
    expect(first).toMatchObject({
      service: 'importer',
      stopping: false,
      checks: [{ ready: true }, { ready: true }],
    });
    return first;
  });
  isAway = true;
  const failing = await eventually(async () => {
    const last = (await reportsOf(log)).at(-1);
    expect(last?.checks[1]).toMatchObject({ name: 'contacts', ready: false, reason: 'the database is away' });
    return last;
  });
  expect(failing?.checks[0]?.since).toBe(ready?.checks[0]?.since);
  const since = failing?.checks[1]?.since;
  const [seen] = await health.look();
  expect(seen?.checks[1]?.since).toBe(since);
  await health.close();
  const all = await reportsOf(log);
  expect(all.at(-1)).toMatchObject({ stopping: true, instance: ready?.instance });
  expect(all.filter(({ stopping }) => stopping)).toHaveLength(1);
});

test('while the log does not answer one report is under way, and what is known is told all the same', async () => {
  const log = await openTestLog();
  let appends = 0;
  const away = standInFor(log, {
    append: () => {
      appends += 1;
      return new Promise(() => undefined);
    },
  });
  let looks = 0;
  const health = startHealthReports({ log: away, logger, everyMs: 1 });
  onTestFinished(() => health.close());
  health.add('hub', {
    log: async () => {
      looks += 1;
      throw new Error('away');
    },
  });
  await eventually(() => expect(looks).toBeGreaterThan(5));
  expect(appends).toBe(1);
  expect(await health.look()).toMatchObject([{ service: 'hub', checks: [{ name: 'log', ready: false }] }]);
});
