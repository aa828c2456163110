// Worker threads cannot load TypeScript on Node 20 by themselves: `new Worker(thisFile, { workerData: { module, … } })`.
import { workerData } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();
await import(workerData.module);
