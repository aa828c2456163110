import { Counter, Gauge, Histogram, type Registry } from '@tidings/service-kit/process/metrics.ts';

/** What became of a chunk; `retrying`: of an attempt at it. `failed` and `unreadable` ones are dead letters. */
export type ChunkResult = 'completed' | 'cancelled' | 'replayed' | 'retrying' | 'failed' | 'unreadable';

export interface ImporterMetrics {
  readonly chunks: Counter<'priority' | 'result'>;
  readonly rows: Counter<'priority' | 'result'>;
  readonly seconds: Histogram<'priority'>;
  readonly oldestUnread: Gauge<'topic'>;
  readonly undoneContacts: Counter<'outcome'>;
}

export function createMetrics(registry: Registry): ImporterMetrics {
  const registers = [registry];
  return {
    chunks: new Counter({
      name: 'tidings_importer_chunks_total',
      help: 'Chunks taken from the log, by what became of them',
      labelNames: ['priority', 'result'],
      registers,
    }),
    rows: new Counter({
      name: 'tidings_importer_rows_total',
      help: 'Rows of chunks that were applied for the first time, valid or rejected',
      labelNames: ['priority', 'result'],
      registers,
    }),
    undoneContacts: new Counter({
      name: 'tidings_importer_undone_contacts_total',
      help: 'Contacts that undone imports had created or updated, by what became of them',
      labelNames: ['outcome'],
      registers,
    }),
    seconds: new Histogram({
      name: 'tidings_importer_chunk_seconds',
      help: 'From taking a chunk up to its commit in the contact store',
      labelNames: ['priority'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    }),
    oldestUnread: new Gauge({
      name: 'tidings_importer_oldest_unread_seconds',
      help: 'How long the oldest chunk has waited that is not worked off; in retry topics also until it is due',
      labelNames: ['topic'],
      registers,
    }),
  };
}
