/**
 * Publishes the countries, and derives from their topic, as any other consumer could, the time zone of each.
 *
 * The topics are the truth, not the seed: what somebody else has published about a country stays when the service starts again.
 */
import { planTopics, topics } from '@tidings/contracts/topics.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { signedBy } from '@tidings/event-log/producer-name.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import { startDerivation, untilDerived } from './derive-time-zones.ts';
import { publishSeed } from './seed-to-log.ts';

export interface ReferenceDataParts {
  readonly log: EventLog;
  readonly logger: Logger;
}

export interface ReferenceData {
  /** Finishes what has been read, and derives no more. */
  stop(): Promise<void>;
}

/** Resolves when both topics are complete. A start that finds them complete appends nothing. */
export async function startReferenceData({ logger, ...parts }: ReferenceDataParts): Promise<ReferenceData> {
  const log = signedBy('reference-data', parts.log);
  const names: readonly string[] = [topics.countries, topics.timeZones];
  await log.ensureTopics(planTopics(1).filter(({ name }) => names.includes(name)));
  const changed = await publishSeed(log);
  const derivation = await startDerivation(log, logger);
  try {
    await untilDerived(log);
  } catch (error) {
    await derivation.stop();
    throw error;
  }
  logger.info({ changed }, 'reference data published');
  return { stop: () => derivation.stop() };
}
