import { Counter, Histogram, type Registry } from '@tidings/service-kit/process/metrics.ts';

export type WebhookMetrics = ReturnType<typeof createWebhookMetrics>;

export function createWebhookMetrics(registry: Registry) {
  const registers = [registry];
  return {
    attempts: new Counter({
      name: 'tidings_webhooks_attempts_total',
      help: 'Attempts at endpoints, by what came of them',
      labelNames: ['outcome'],
      registers,
    }),
    seconds: new Histogram({
      name: 'tidings_webhooks_attempt_seconds',
      help: 'How long an attempt took',
      buckets: [0.05, 0.2, 1, 3, 10],
      registers,
    }),
    ended: new Counter({
      name: 'tidings_webhooks_deliveries_total',
      help: 'Deliveries that are over, by status',
      labelNames: ['status'],
      registers,
    }),
    disabled: new Counter({
      name: 'tidings_webhooks_disabled_total',
      help: 'Endpoints that were disabled, because they answered 410',
      registers,
    }),
  };
}
