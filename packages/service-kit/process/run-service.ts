/**
 * The start of every service, of all in one process too. What a `main.ts` adds is its plan.
 *
 * An engine that is away is no reason to end: the process waits, `/readyz` names the engine, and the start goes on by itself. Only
 * what waiting cannot mend ends the process, with exit code 1: wrong settings, a taken port, a topic or schema of another release.
 */
import { isFailure } from '@tidings/failures/failure.ts';
import closeWithGrace from 'close-with-grace';
import { ConfigError } from '../config/config.ts';
import { giveWay } from './give-way.ts';
import { type ProcessConfig, type ServicePlan, ServiceProcess } from './service-process.ts';
import { onStopSignal, stopSignals } from './signals.ts';

/** Runs a service until a signal stops it. Resolves when it is ready; ends the process if it can never be ready. */
export async function runService<Config extends ProcessConfig>(plan: ServicePlan<Config>): Promise<void> {
  if (plan.givesWay) await giveWay();
  const service = new ServiceProcess(plan, await readOrExit(plan));
  const { config, logger } = service;
  const settings = { delay: config.SHUTDOWN_TIMEOUT_MS, logger, skip: [...stopSignals] };
  const { close } = closeWithGrace(settings, async ({ err }) => {
    if (err !== undefined) logger.fatal({ err }, 'unexpected error; the process ends');
    await service.stop();
  });
  onStopSignal(process, {
    stop: () => void close(),
    hurry: (signal) => {
      logger.error({ signal }, 'a second signal; the process ends with work in hand');
      process.exit(1);
    },
  });
  try {
    await service.start();
  } catch (error) {
    logger[isExplained(error) ? 'debug' : 'fatal']({ err: error }, 'start failed');
    exitWith(plan.name, [error instanceof Error ? error.message : String(error)]);
  }
}

async function readOrExit<Config extends ProcessConfig>(plan: ServicePlan<Config>): Promise<Config> {
  try {
    return await plan.readConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return exitWith(plan.name, error.mistakes);
  }
}

function exitWith(name: string, mistakes: readonly string[]): never {
  for (const mistake of mistakes) process.stderr.write(`${name}: ${mistake}\n`);
  process.exit(1);
}

/** Whether the message of an error is enough: a `Failure` says what is wrong and what to do, and a stack would hide it. */
function isExplained(error: unknown): boolean {
  return isFailure(error) && !error.retriable;
}
