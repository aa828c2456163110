/** Clients of every kind, on two real hubs behind the real proxy, through every fault of hubs and of Redis. `npm run bench -- hub-delivery` does it with more. */

import { deliveryEnvironment, runDelivery } from '@tidings/testing/delivery/delivery-run.ts';
import { faults } from '@tidings/testing/delivery/faults.ts';
import { seedOf } from '@tidings/testing/random.ts';
import { type Distributed, startDistributed } from '@tidings/testing/stack/distributed.ts';
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest';

let system: Distributed;
beforeAll(async () => {
  system = await startDistributed({
    instances: { hub: 2, 'jobs-service': 1, importer: 0, aggregator: 0, 'reference-data': 0 },
    environment: deliveryEnvironment,
  });
}, 180_000);
afterAll(() => system?.stop());

test('hubs count each client by the address that it names', async () => {
  const wrongFrom = async (address: string) => {
    const headers = { Authorization: 'Bearer wrong', 'X-Forwarded-For': address };
    const answer = await fetch(`${system.url}/channels/unknown/events`, { headers });
    await answer.body?.cancel();
    return answer.status;
  };
  // Each of the two hubs answers 60 failures a minute.
  const statuses = await Promise.all(Array.from({ length: 150 }, () => wrongFrom('10.9.0.1')));
  expect(new Set(statuses)).toEqual(new Set([401, 429]));
  expect(await wrongFrom('10.9.0.2')).toBe(401);
});

test('what is sent is what 60 clients get: nothing lost, doubled or out of order, and every snapshot holds all', {
  timeout: 300_000,
}, async () => {
  onTestFailed(() => void process.stdout.write(system.outputs()));
  const seed = seedOf('DELIVERY_SEED');
  const steps = Object.keys(faults).length;
  const lines: string[] = [];
  onTestFailed(() => void process.stdout.write(`${lines.join('\n')}\n`));
  const report = await runDelivery(system, {
    clients: 60,
    seed,
    steps,
    onProgress: (line) => lines.push(line),
  });
  expect(report).toMatchObject({ lost: 0, doubled: 0, outOfOrder: 0, missing: 0, late: [], notes: [] });
});
