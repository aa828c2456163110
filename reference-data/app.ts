/**
 * Publishes the countries, changes them as orders say, and derives from their topic, as any other consumer could, the time zones of each.
 *
 * The topics are the truth, not the seed: what people or other programs have published about a country stays when the service starts
 * again, and when a newer release brings another seed.
 */

import { consumerGroups, planTopics, topics } from '@tidings/contracts/topics.ts';
import type { Consumer, EventLog } from '@tidings/event-log/event-log.ts';
import { signedBy } from '@tidings/event-log/producer-name.ts';
import { inTurn } from '@tidings/failures/in-turn.ts';
import { settleAll } from '@tidings/failures/settle-all.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import {
  openReferenceTables,
  type ReferenceTables,
} from '@tidings/service-kit/reference/reference-tables.ts';
import { startCountryWriter } from './country-writer.ts';
import { deriveAgain, startDerivation, underived } from './derive-time-zones.ts';
import { seedCountries } from './seed/countries.ts';
import { orderSeed, seedOrders } from './seed-to-log.ts';
import { untilPassed } from './until-passed.ts';

export interface ReferenceDataParts {
  readonly log: EventLog;
  readonly logger: Logger;
}

export interface ReferenceData {
  /** Both topics in memory, for whoever measures them. */
  readonly tables: ReferenceTables;
  /** Finishes what has been read, changes no more and derives no more. */
  stop(): Promise<void>;
}

const names: readonly string[] = [
  topics.countries,
  topics.timeZones,
  topics.countryOrders,
  topics.countryChanges,
];

/** Resolves when both topics are complete. A start that finds them complete appends nothing. */
export async function startReferenceData({ logger, ...parts }: ReferenceDataParts): Promise<ReferenceData> {
  const log = signedBy('reference-data', parts.log);
  await log.ensureTopics(planTopics(1).filter(({ name }) => names.includes(name)));
  const seed = new Map(seedCountries().map((country) => [country.code, country]));
  const tables = await openReferenceTables(log, logger);
  const consumers: Consumer[] = [];
  const stop = async () => {
    await inTurn([() => settleAll(consumers.map((consumer) => consumer.stop())), () => tables.close()]);
  };
  try {
    consumers.push(await startCountryWriter({ log, logger, countries: tables.countries, seed }));
    const orders = seedOrders(tables, seed);
    await orderSeed(log, orders);
    await untilPassed(log, consumerGroups.countries, topics.countryOrders);
    consumers.push(await startDerivation(log, logger));
    await untilDerived(log, tables);
    logger.info({ changed: orders.length }, 'reference data published');
    return { tables, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function untilDerived(log: EventLog, tables: ReferenceTables): Promise<void> {
  const untilFollowed = async () => {
    await untilPassed(log, consumerGroups.timeZones, topics.countries);
    await Promise.all([tables.countries.catchUp(), tables.timeZones.catchUp()]);
  };
  await untilFollowed();
  const old = underived(tables);
  if (old.length === 0) return;
  await deriveAgain(log, old);
  await untilFollowed();
}
