import { Counter, type Registry } from '@tidings/service-kit/process/metrics.ts';

export function createMetrics(registry: Registry) {
  return {
    commands: new Counter({
      name: 'tidings_aggregator_commands_total',
      help: 'Commands folded, by type and by whether they changed anything',
      labelNames: ['type', 'effect'],
      registers: [registry],
    }),
    unusable: new Counter({
      name: 'tidings_aggregator_unusable_records_total',
      help: 'Records skipped, by topic: no command, or no state of an import',
      labelNames: ['topic'],
      registers: [registry],
    }),
  };
}
