/** Health: `/livez` (the process runs), `/readyz` (every part it needs answers), `/metrics`. */
import type { Router } from 'express';
import { Registry } from 'prom-client';
import { createLenientRouter } from './router.ts';

/** Resolves when the part answers; rejects, or takes longer than the limit, when it does not. */
export type ReadinessCheck = () => Promise<unknown>;

export const healthPaths: readonly string[] = ['/livez', '/readyz', '/metrics'];

/** Milliseconds that a check may take. */
const CHECK_TIMEOUT_MS = 2_000;

/** @param metrics answers the text that Prometheus reads */
export function createHealthRouter(
  checks: Readonly<Record<string, ReadinessCheck>>,
  metrics: () => Promise<string>,
): Router {
  const router = createLenientRouter();
  router.get('/livez', (_request, response) => {
    response.json({ status: 'ok' });
  });
  router.get('/readyz', async (_request, response) => {
    const results = await Promise.all(Object.entries(checks).map(runCheck));
    const ready = results.every((result) => result.ready);
    response.status(ready ? 200 : 503).json({ status: ready ? 'ready' : 'not_ready', checks: results });
  });
  router.get('/metrics', async (_request, response) => {
    response.type(Registry.PROMETHEUS_CONTENT_TYPE).send(await metrics());
  });
  return router;
}

export interface CheckResult {
  readonly name: string;
  readonly ready: boolean;
  /** Only of a check that fails. */
  readonly reason?: string;
}

/** Never rejects, and takes two seconds at most. */
export async function runCheck([name, check]: [string, ReadinessCheck]): Promise<CheckResult> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${CHECK_TIMEOUT_MS} ms`)), CHECK_TIMEOUT_MS);
  });
  try {
    await Promise.race([check(), timeout]);
    return { name, ready: true };
  } catch (error) {
    return { name, ready: false, reason: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
  }
}
