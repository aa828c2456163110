// Worker threads cannot load TypeScript on Node 20 by themselves: `new Worker(thisFile, { workerData: { module, … } })`.
import { workerData } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();
await import(workerData.module);
// Idle ports do not hold a thread: without this timer the thread may end before its first call. Whoever started it terminates it.
setInterval(() => undefined, 2 ** 31 - 1);
