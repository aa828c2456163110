/** Tells how far tables on compacted topics are behind: as a metric, and to whoever asks whether the service is ready. */
import type { Table } from '@tidings/event-log/table.ts';
import { pause } from '@tidings/failures/retry.ts';
import { Gauge, type Registry } from './metrics.ts';

/** Milliseconds for which a record may wait to be taken in while the service is ready. */
const READY_WITHIN_MS = 5_000;
/** Milliseconds that a measurement may take; where the log does not answer, the last one stands. */
const MEASURE_MS = 1_000;

export type MeasuredTables = Readonly<Record<string, Pick<Table<unknown>, 'lag'>>>;

/**
 * Adds two gauges by topic, which are measured when they are collected.
 * @param tables by topic
 * @param service begins the gauges' names: on one machine several services are collected together
 */
export function measureTables(registry: Registry, service: string, tables: MeasuredTables): void {
  const registers = [registry];
  const seconds = new Gauge({
    name: `tidings_${service}_table_behind_seconds`,
    help: 'How long the oldest record has waited that a table in memory has not taken in',
    labelNames: ['topic'],
    registers,
    collect: () => measureAll(),
  });
  const records = new Gauge({
    name: `tidings_${service}_table_behind_records`,
    help: 'Records that a table in memory has not taken in, at most; as of the collection before',
    labelNames: ['topic'],
    registers,
  });
  const measureAll = async (): Promise<void> => {
    const measured = Object.entries(tables).map(async ([topic, table]) => {
      const lag = await table.lag();
      records.set({ topic }, lag.records);
      seconds.set({ topic }, ageOf(lag.since) / 1000);
    });
    const waiting = new AbortController();
    await Promise.race([Promise.allSettled(measured), pause(MEASURE_MS, waiting.signal)]);
    waiting.abort();
  };
}

/** Resolves where no table lacks a record of more than five seconds ago. Rejects as `read` does, and where one is behind. */
export async function checkTables(tables: MeasuredTables): Promise<void> {
  for (const [topic, table] of Object.entries(tables)) {
    const { records, since } = await table.lag();
    const age = ageOf(since);
    if (age > READY_WITHIN_MS)
      throw new Error(`the table of ${topic} is ${Math.round(age / 1000)} s and ${records} records behind`);
  }
}

function ageOf(since: number | null): number {
  return since === null ? 0 : Math.max(0, Date.now() - since);
}
