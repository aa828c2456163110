/** `GET /services`: how the services fare, which engines answer, and how far consumer groups are behind. */
import type { RequestHandler } from 'express';
import type { HealthMonitor } from '../../health/health-monitor.ts';

export function getServices(health: Pick<HealthMonitor, 'view'>): RequestHandler {
  return async (_request, response) => {
    response.json(await health.view());
  };
}
