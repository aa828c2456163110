/** Metrics for Prometheus, by prom-client. Each process has one registry; a service adds its own to it. */
import { collectDefaultMetrics, Registry } from 'prom-client';

export { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Milliseconds between two looks at the event loop. Without it prom-client takes 10, by which an idle process wakes a hundred times a second. */
export const eventLoopMonitoringPrecision = 50;

/** @param processMetrics whether the process's own (memory, CPU, event loop) are collected too: once in a process */
export function createRegistry({ processMetrics }: { processMetrics: boolean }): Registry {
  const registry = new Registry();
  if (processMetrics) collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision });
  return registry;
}
