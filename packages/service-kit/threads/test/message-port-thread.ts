/** The other thread of a test. */
import { workerData } from 'node:worker_threads';
import { exposePort } from '../message-port-proxy.ts';

exposePort(
  {
    async sum(numbers: AsyncIterable<number>): Promise<number> {
      let sum = 0;
      for await (const number of numbers) sum += number;
      return sum;
    },
    hang: () => new Promise<void>(() => undefined),
  },
  workerData.port,
);
