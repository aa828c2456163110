/** The main job on Kafka, Redis and PostgreSQL: two processes of every service behind a proxy, the same flows as on one machine. */
import { startDistributed } from '../distributed.ts';
import { describeImportFlows } from './import-flows.ts';

describeImportFlows('on Kafka, Redis and PostgreSQL', async () => {
  const distributed = await startDistributed();
  const { hub, importer } = distributed.processes;
  const affected = [...hub, ...importer];
  return {
    url: distributed.url,
    supportUrl: distributed.supportUrl,
    crash: async () => void (await Promise.all(affected.map((instance) => instance.kill()))),
    recover: async () => void (await Promise.all(affected.map((instance) => instance.start()))),
    dispose: () => distributed.stop(),
  };
});
