/** The countries as the jobs service sees them: both tables in memory, their history on the log, and orders to change them. */
import {
  COUNTRY_ORDER_TYPE,
  type CountryHistoryItem,
  type CountryItem,
  type CountryOrder,
} from '@tidings/contracts/reference.ts';
import { createEvent, encodeEvent } from '@tidings/contracts/schemas/event.ts';
import { type CountryOutcome, decodeCountryOutcome } from '@tidings/contracts/schemas/reference.ts';
import { topics } from '@tidings/contracts/topics.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { TopicReading } from '@tidings/event-log/topic-reading.ts';
import { pause } from '@tidings/failures/retry.ts';
import { CountryDirectory, type CountryLookup } from '@tidings/rows/country-directory.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import {
  openReferenceTables,
  type ReferenceTables,
} from '@tidings/service-kit/reference/reference-tables.ts';
import { v7 as uuidv7 } from 'uuid';

/** Changes of a country that its history shows, at most. */
const HISTORY = 20;
/** Milliseconds for which an order may take: the service that obeys it may just be starting again. */
const OBEYED_MS = 5_000;

export class Countries {
  readonly tables: ReferenceTables;
  /** Finds countries as the importer does. */
  readonly directory: CountryLookup;
  readonly #log: EventLog;
  readonly #history: CountryHistory;

  constructor(log: EventLog, logger: Logger, tables: Countries['tables']) {
    this.#log = log;
    this.tables = tables;
    this.directory = new CountryDirectory(tables.countries, tables.timeZones);
    this.#history = new CountryHistory(log, logger);
  }

  /** All of them, by code. */
  list(): CountryItem[] {
    const codes = [...this.tables.countries.entries()].map(([code]) => code).sort();
    return codes.map((code) => this.get(code)).filter((country) => country !== null);
  }

  /** null for a code that stands for no country. */
  get(code: string): CountryItem | null {
    const published = this.tables.countries.get(code);
    if (published === undefined) return null;
    const { country, version, at } = published;
    const { name, aliases, callingCode, setBy } = country;
    const derived = this.tables.timeZones.get(code)?.timeZones ?? [];
    const timeZones = country.timeZones.length > 0 ? country.timeZones : derived;
    return { code, name, aliases, callingCode, timeZones, setBy, setAt: at, version };
  }

  /** The last 20 changes, the newest first; those of at most a year. */
  history(code: string): Promise<CountryHistoryItem[]> {
    return this.#history.of(code);
  }

  /** Resolves when the tables hold all that the log holds. */
  async catchUp(): Promise<void> {
    await Promise.all([this.tables.countries.catchUp(), this.tables.timeZones.catchUp()]);
  }

  /**
   * Resolves when the order is obeyed or refused, and this process sees it; null where neither has happened within five seconds: it
   * may happen later.
   */
  async order(order: CountryOrder): Promise<CountryOutcome | null> {
    const eventId = uuidv7();
    const event = createEvent({ type: COUNTRY_ORDER_TYPE, subject: order.code, data: order, eventId });
    const from = { offsets: await this.#log.endOffsets(topics.countryChanges) };
    const outcomes = this.#log
      .read({ topic: topics.countryChanges, from, follow: true })
      [Symbol.asyncIterator]();
    const waiting = new AbortController();
    try {
      await this.#log.append([{ topic: topics.countryOrders, key: order.code, value: encodeEvent(event) }]);
      const outcome = await Promise.race([
        this.#findOutcome(outcomes, eventId),
        pause(OBEYED_MS, waiting.signal).then(() => null),
      ]);
      if (outcome !== null) await this.catchUp();
      return outcome;
    } finally {
      waiting.abort();
      await outcomes.return?.();
    }
  }

  async close(): Promise<void> {
    await this.tables.close();
  }

  async #findOutcome(
    outcomes: AsyncIterator<readonly { readonly value: Uint8Array | null }[]>,
    orderId: string,
  ): Promise<CountryOutcome | null> {
    for (let next = await outcomes.next(); !next.done; next = await outcomes.next()) {
      for (const { value } of next.value) {
        const outcome = readOutcome(value);
        if (outcome?.orderId === orderId) return outcome;
      }
    }
    return null;
  }
}

/** null where it is none. */
function readOutcome(value: Uint8Array | null): CountryOutcome | null {
  try {
    return decodeCountryOutcome(value);
  } catch {
    return null;
  }
}

/** The last changes of each country: at most 20 for each of at most 676 codes. Read from the log when somebody asks. */
class CountryHistory {
  readonly #reading: TopicReading;
  readonly #changes = new Map<string, CountryHistoryItem[]>();

  constructor(log: EventLog, logger: Logger) {
    this.#reading = new TopicReading(log, topics.countryChanges, ({ value, timestamp, offset }) => {
      const outcome = readOutcome(value);
      if (outcome?.kind === 'changed') this.#takeIn(outcome.change, timestamp);
      else if (outcome === null)
        logger.error({ topic: topics.countryChanges, offset }, 'record skipped; no change of a country');
    });
  }

  async of(code: string): Promise<CountryHistoryItem[]> {
    await this.#reading.refresh();
    return [...(this.#changes.get(code) ?? [])];
  }

  #takeIn(
    { code, setBy, values }: Pick<CountryHistoryItem, 'setBy' | 'values'> & { readonly code: string },
    timestamp: number,
  ): void {
    const item = { at: new Date(timestamp).toISOString(), setBy, values };
    this.#changes.set(code, [item, ...(this.#changes.get(code) ?? [])].slice(0, HISTORY));
  }
}

/** Resolves when both tables are read. The topics must exist. */
export async function openCountries(log: EventLog, logger: Logger): Promise<Countries> {
  return new Countries(log, logger, await openReferenceTables(log, logger));
}
