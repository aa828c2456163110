// The module of a worker thread: `new Worker(thisFile, { workerData: { module, … } })`. Worker threads cannot load TypeScript on
// Node 20 by themselves; a module that is compiled needs no loader.
import { workerData } from 'node:worker_threads';

if (workerData.module.endsWith('.ts')) (await import('tsx/esm/api')).register();
else process.setSourceMapsEnabled(true);
await import(workerData.module);
// Idle ports do not hold a thread: without this timer the thread may end before its first call. Whoever started it terminates it.
setInterval(() => undefined, 2 ** 31 - 1);
