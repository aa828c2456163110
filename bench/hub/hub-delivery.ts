/** Counts what clients get of what is sent, while two hubs and Redis are broken again and again: the suite of `e2e/faults/delivery.test.ts`, larger. */

import { deliveryEnvironment, runDelivery } from '@tidings/testing/delivery/delivery-run.ts';
import { startDistributed } from '@tidings/testing/stack/distributed.ts';
import { numberOption } from '../measure.ts';

/** `--clients 500 --steps 18 --seed 1`: prints the report; lost, doubled, out of order, missing and late must be 0. */
export async function run(words: string[]): Promise<void> {
  const clients = numberOption(words, 'clients', 500);
  const steps = numberOption(words, 'steps', 18);
  const seed = numberOption(words, 'seed', 1);
  const system = await startDistributed({
    instances: { hub: 2, 'jobs-service': 1, importer: 0, aggregator: 0, 'reference-data': 0 },
    environment: deliveryEnvironment,
    onProgress: console.log,
  });
  try {
    const report = await runDelivery(system, { clients, steps, seed, onProgress: console.log });
    console.log(JSON.stringify({ seed, ...report, faults: report.faults.length }));
    const { lost, doubled, outOfOrder, missing, late } = report;
    if (lost + doubled + outOfOrder + missing + late.length > 0) process.exitCode = 1;
  } finally {
    await system.stop();
  }
}
