/**
 * The webhooks service, built from the parts handed to it: owners register endpoints, and get the outcomes of their imports there, in order, for days
 * if need be. Outcomes are found in the log (`from-log.ts`), deliveries are records, and what becomes of them stands on the log (`deliveries/`).
 */
import { consumerGroups, planTopics, topics } from '@tidings/contracts/topics.ts';
import type { Consumer, EventLog } from '@tidings/event-log/event-log.ts';
import { signedBy } from '@tidings/event-log/producer-name.ts';
import { type Clock, systemClock } from '@tidings/event-log/schedule/clock.ts';
import { inTurn } from '@tidings/failures/in-turn.ts';
import { settleAll } from '@tidings/failures/settle-all.ts';
import { RequestRates } from '@tidings/service-kit/access/rates.ts';
import type { TokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import type { Registry } from '@tidings/service-kit/process/metrics.ts';
import type { Router } from 'express';
import { Attempts } from './deliveries/attempts.ts';
import { type DeliveryStates, openDeliveryStates } from './deliveries/delivery-states.ts';
import { runDeliveries } from './deliveries/run-deliveries.ts';
import { type Endpoints, openEndpoints } from './endpoints/endpoints.ts';
import { followOutcomes } from './from-log.ts';
import { createWebhookRouter } from './http/routes.ts';
import { createWebhookMetrics } from './metrics.ts';
import { type ResolveName, resolverBy } from './sending/addresses.ts';

const PURGE_EVERY_MS = 60 * 60 * 1000;

export interface WebhooksParts {
  readonly log: EventLog;
  readonly logger: Logger;
  readonly registry: Registry;
  readonly tokens: TokenAuthority;
  /** Default: counts of this service alone. */
  readonly rates?: RequestRates;
  /** Encrypt the secrets of endpoints: the first seals, all open. */
  readonly authSecrets: readonly [string, ...string[]];
  /** Whether endpoints may be on this machine, by http too. */
  readonly allowLoopback: boolean;
  /** Default: by the system's name servers. */
  readonly resolve?: ResolveName;
  /** Of attempts; default: the system's. */
  readonly clock?: Clock;
}

export interface WebhooksService {
  readonly router: Router;
  /** Attempts under way end first. */
  stop(): Promise<void>;
}

/** Makes the topics, where nobody else has. */
export function prepareWebhookTopics(log: EventLog, partitions: number): Promise<void> {
  return log.ensureTopics(planTopics(partitions));
}

/** Resolves once endpoints and deliveries are known, and outcomes are followed. The topics must exist. */
export async function startWebhooks(parts: WebhooksParts): Promise<WebhooksService> {
  const { log, logger } = parts;
  const endpoints = await openEndpoints(parts);
  const states = await openDeliveryStates(log, logger).catch(async (error) => {
    await endpoints.close();
    throw error;
  });
  try {
    return await startDelivering(parts, endpoints, states);
  } catch (error) {
    await settleAll([endpoints.close(), states.close()]);
    throw error;
  }
}

async function startDelivering(
  parts: WebhooksParts,
  endpoints: Endpoints,
  states: DeliveryStates,
): Promise<WebhooksService> {
  const { logger, tokens, rates = new RequestRates(), resolve = resolverBy() } = parts;
  const log = signedBy('webhooks', parts.log);
  const rules = { allowLoopback: parts.allowLoopback, resolve };
  const metrics = createWebhookMetrics(parts.registry);
  const { clock = systemClock } = parts;
  const attempts = new Attempts({ log, logger, metrics, endpoints, states, rules, clock });
  const consumers: Consumer[] = [];
  try {
    consumers.push(await runDeliveries({ log, logger, metrics, states, attempts }));
    consumers.push(await followOutcomes({ log, logger, endpoints }));
  } catch (error) {
    await settleAll([attempts.stop(), ...consumers.map((consumer) => consumer.stop())]);
    throw error;
  }
  const purging = setInterval(() => void purge(log, logger), PURGE_EVERY_MS).unref();
  return {
    router: createWebhookRouter({ log, tokens, rates, endpoints, states, rules }),
    async stop() {
      clearInterval(purging);
      await inTurn([
        () => attempts.stop(),
        ...consumers.map((consumer) => () => consumer.stop()),
        () => endpoints.close(),
        () => states.close(),
      ]);
    },
  };
}

/** What the states say already needs no command any more. */
async function purge(log: EventLog, logger: Logger): Promise<void> {
  try {
    await log.purge(topics.webhookDeliveries, consumerGroups.webhookDeliveries);
  } catch (error) {
    logger.warn({ err: error }, 'commands to deliveries not purged; the next hour tries again');
  }
}
