/** The example of a worker on Kafka itself, with kafka-python, against the distributed system. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createChannel } from '@tidings/testing/connections/requests.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { type Distributed, startDistributed } from '@tidings/testing/stack/distributed.ts';
import { makeFolder } from '@tidings/testing/temporary-folder.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findPython, RunningProgram, root, run } from '../../test/installed-client.ts';

const example = join(root, 'examples/report-service');
const KAFKA_PYTHON = 'kafka-python==3.0.12';

let system: Distributed;
let folder: Awaited<ReturnType<typeof makeFolder>>;
let python = '';

beforeAll(async () => {
  folder = await makeFolder();
  python = join(folder.path, 'bin/python3');
  await run(await findPython(), ['-m', 'venv', folder.path]);
  await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', KAFKA_PYTHON]);
  const instances = { hub: 1, 'jobs-service': 1, importer: 1, aggregator: 1, 'reference-data': 1 };
  const REQUESTS = await readFile(join(example, 'requests.json'), 'utf8');
  system = await startDistributed({ instances, environment: { REQUESTS } });
}, 240_000);
afterAll(async () => {
  await system?.stop();
  await folder?.remove();
});

test('the report service on Kafka answers a held request with a file', async () => {
  const brokers = system.environment.KAFKA_BROKERS ?? '';
  const service = new RunningProgram(python, [join(example, 'report_service_kafka.py'), brokers], {});
  await eventually(() => expect(service.output).toContain('ready for requests'));
  const { token } = await createChannel(system.url);
  const answer = await fetch(`${system.url}/requests/reports/create`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', Prefer: 'wait=60' },
    body: JSON.stringify({ month: '2026-05' }),
  });
  expect([answer.status, await answer.text()], service.output).toEqual([
    200,
    'month,owner,rows\r\n2026-05,default,3\r\n',
  ]);
  expect(answer.headers.get('Content-Disposition')).toBe('attachment; filename="report-2026-05.csv"');
});
