import { topics } from '@tidings/contracts/topics.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { Failure } from '@tidings/failures/failure.ts';

/** The reference data are not published yet. Without them every country would be unknown, and its row rejected. */
class ReferenceDataMissingError extends Failure<'reference_data_missing'> {
  override name = 'ReferenceDataMissingError';

  constructor(message: string) {
    super('reference_data_missing', message, { retriable: true });
  }
}

/**
 * Resolves if the reference data are published: at the first start of an installation the importer must not begin before the service
 * that publishes them. @throws ReferenceDataMissingError
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
