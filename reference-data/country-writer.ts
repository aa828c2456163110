/**
 * Changes countries as orders say. One group writes them all, one order after another and in transactions, so two people who change the
 * same version cannot both succeed, whichever instances they ask.
 */
import type { Cause } from '@tidings/contracts/event.ts';
import {
  COUNTRY_CHANGED_TYPE,
  COUNTRY_REFUSED_TYPE,
  COUNTRY_TYPE,
  type Country,
  type CountryChange,
  type CountryOrder,
  type CountryRefusal,
  type PublishedCountry,
  SEED_SOURCE,
} from '@tidings/contracts/reference.ts';
import { createEvent, decodeEvent, encodeEvent } from '@tidings/contracts/schemas/event.ts';
import { countryOrderSchema } from '@tidings/contracts/schemas/reference.ts';
import { consumerGroups, topics } from '@tidings/contracts/topics.ts';
import type {
  Consumer,
  EventLog,
  LogRecord,
  NewRecord,
  PartitionProcessor,
} from '@tidings/event-log/event-log.ts';
import type { Table } from '@tidings/event-log/table.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import { type CountryRules, type Decision, decide } from './country-rules.ts';
import { SEED_VERSION, type SeedCountry } from './seed/countries.ts';

export interface CountryWriterParts {
  readonly log: EventLog;
  readonly logger: Logger;
  readonly countries: Table<PublishedCountry>;
  /** By code. */
  readonly seed: ReadonlyMap<string, SeedCountry>;
}

export function startCountryWriter(parts: CountryWriterParts): Promise<Consumer> {
  const { log, logger, countries } = parts;
  return log.process({
    group: consumerGroups.countries,
    topics: [topics.countryOrders],
    createProcessor: async () => {
      // All earlier commits are final now.
      await countries.catchUp();
      return new CountryWriter(parts);
    },
    onError: (error, attempt) => logger.error({ err: error, attempt }, 'changing countries failed; retrying'),
  });
}

/** What an order has made of a country, until the table shows it. */
type Written = PublishedCountry | null;

class CountryWriter implements PartitionProcessor {
  readonly #parts: CountryWriterParts;
  readonly #written = new Map<string, Written>();
  #outputs: NewRecord[] = [];

  constructor(parts: CountryWriterParts) {
    this.#parts = parts;
  }

  async handle(records: readonly LogRecord[]): Promise<boolean> {
    await this.#parts.countries.catchUp();
    for (const [code, written] of this.#written)
      if (this.#parts.countries.get(code)?.version === written?.version) this.#written.delete(code);
    for (const record of records) this.#obey(record);
    return true;
  }

  outputs(): NewRecord[] {
    const outputs = this.#outputs;
    this.#outputs = [];
    return outputs;
  }

  /** An order that nobody can read is passed over: no later order waits for it. */
  #obey(record: LogRecord): void {
    try {
      const cause = decodeEvent(record.value);
      const order = countryOrderSchema.parse(cause.data);
      this.#put(order, cause, decide(order, this.#rules()));
    } catch (error) {
      const { topic, partition, offset } = record;
      this.#parts.logger.error({ err: error, topic, partition, offset }, 'record skipped; no order');
    }
  }

  #put({ code }: CountryOrder, cause: Cause, decision: Decision): void {
    if (decision.kind === 'kept') return;
    if (decision.kind === 'refused') {
      this.#tell(COUNTRY_REFUSED_TYPE, decision.refusal, cause);
      return;
    }
    const { values, setBy } = decision;
    const country: Country | null = values === null ? null : { code, ...values, setBy };
    const written = country === null ? null : this.#putCountry(country, cause);
    if (written === null) this.#outputs.push({ topic: topics.countries, key: code, value: null });
    this.#written.set(code, written);
    const change: CountryChange = { code, setBy, values, version: written?.version ?? null };
    this.#tell(COUNTRY_CHANGED_TYPE, change, cause);
  }

  #putCountry(country: Country, cause: Cause): PublishedCountry {
    const { code, setBy } = country;
    const event = createEvent({ type: COUNTRY_TYPE, subject: code, data: country, cause });
    const headers = { source: setBy.who === 'seed' ? SEED_SOURCE : setBy.who };
    this.#outputs.push({ topic: topics.countries, key: code, value: encodeEvent(event), headers });
    return { country, version: event.eventId, at: event.occurredAt };
  }

  #tell(type: string, data: CountryChange | CountryRefusal, cause: Cause): void {
    const event = createEvent({ type, subject: data.code, data, cause });
    this.#outputs.push({ topic: topics.countryChanges, key: data.code, value: encodeEvent(event) });
  }

  #rules(): CountryRules {
    const { countries, seed } = this.#parts;
    const get = (code: string) => {
      const written = this.#written.get(code);
      return written === undefined ? countries.get(code) : (written ?? undefined);
    };
    const codes = new Set([...countries.entries()].map(([code]) => code).concat([...this.#written.keys()]));
    const all = [...codes].map(get).filter((country) => country !== undefined);
    return { countries: all, get, seedOf: (code) => seed.get(code), seedVersion: SEED_VERSION };
  }
}
