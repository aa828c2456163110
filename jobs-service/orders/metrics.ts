import { Gauge, type Registry } from '@tidings/service-kit/process/metrics.ts';
import type { Orders } from './orders.ts';

/**
 * Every jobs service tells the same numbers, which are those of the installation. They are read anew at each collection and told at the next
 * one, so that no collection waits for the log.
 */
export function measureFailedRecords(orders: Orders, registry: Registry): void {
  measure(registry, {
    name: 'tidings_dead_letters',
    help: 'Records that were given up and wait for support, by consumer group',
    read: () => orders.deadLetters(),
  });
  measure(registry, {
    name: 'tidings_blocked_partitions',
    help: 'Partitions that stand at a record which fails each time, by consumer group',
    read: () => orders.blocked.list(),
  });
}

interface Measured {
  readonly name: string;
  readonly help: string;
  read(): Promise<readonly { readonly group: string }[]>;
}

function measure(registry: Registry, { name, help, read }: Measured): void {
  let reading = false;
  const gauge = new Gauge({
    ...{ name, help, labelNames: ['group'], registers: [registry] },
    collect() {
      if (reading) return;
      reading = true;
      read()
        .then((entries) => {
          gauge.reset();
          for (const { group } of entries) gauge.inc({ group });
        })
        // The log is away: the last numbers stand until it is back.
        .catch(() => undefined)
        .finally(() => {
          reading = false;
        });
    },
  });
}
