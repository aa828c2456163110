import { topics } from '@tidings/contracts/topics.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';

/** Reference data that nobody has published yet. Without them every country would be unknown, and its row rejected. */
class ReferenceDataMissingError extends Error {
  readonly code = 'reference_data_missing';
  readonly retriable = true;
}

/**
 * Resolves where reference data have been published: the first start of an installation must not get ahead of the service that
 * does it. @throws ReferenceDataMissingError
 */
export async function requireReferenceData(log: EventLog): Promise<void> {
  for (const topic of [topics.countries, topics.timeZones]) {
    const records = log.read({ topic, from: 'earliest', follow: false })[Symbol.asyncIterator]();
    const { done } = await records.next();
    await records.return?.();
    if (done)
      throw new ReferenceDataMissingError(
        `${topic} holds nothing yet: the service reference-data has to run`,
      );
  }
}
