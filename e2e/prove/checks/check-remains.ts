/** What the database and the log hold once all imports have ended: what belongs to an import, and nothing that waits. */
import { type Bucket, buckets, type ImportState } from '@tidings/contracts/imports/import.ts';
import { consumerGroups, topics, workPlaces, workTopics } from '@tidings/contracts/topics.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { deadLetterTopic } from '@tidings/event-log/retry/topic-names.ts';
import type { Findings } from '../findings.ts';
import type { Inspection } from '../systems/proved-system.ts';

/** Each group with a topic that it must have read to its end. */
const consumed: readonly (readonly [topic: string, group: string])[] = [
  ...workPlaces.map(({ topic, group }) => [topic, group] as const),
  [topics.commands, consumerGroups.aggregator],
  [topics.state, consumerGroups.projection],
];

/** Tables with what imports leave. */
export const tables = [
  'chunk_ledger',
  'confirmed_imports',
  'contact_changes',
  'import_gates',
  'imports',
  'row_errors',
  'undo_outcomes',
  'undo_pages',
] as const;

/**
 * @param states of all imports, as the API tells them
 * @param owners all that may have contacts
 */
export async function checkRemains(
  { query, log }: Inspection,
  states: readonly ImportState[],
  owners: readonly string[],
  findings: Findings,
): Promise<void> {
  await checkLedger(query, states, findings);
  const known = new Set(states.map(({ importId }) => importId));
  for (const table of tables) {
    const rows = await query<{ import_id: string }>(`SELECT DISTINCT import_id FROM ${table}`);
    for (const { import_id: importId } of rows)
      if (!known.has(importId))
        findings.wrong(`${table} has import ${importId}, which the API does not know`);
  }
  for (const { owner } of await query<{ owner: string }>('SELECT DISTINCT owner FROM contacts'))
    if (!owners.includes(owner)) findings.wrong(`contacts of ${owner} are left, who was erased`);
  for (const [topic, group] of consumed) {
    const waiting = await countWaiting(log, topic, group);
    if (waiting > 0) findings.wrong(`${waiting} records of ${topic} wait for group ${group}`);
  }
  for (const importId of await liveKeys(log, topics.state))
    findings.wrong(`import ${importId} is still in topic ${topics.state}`);
  for (const { topic, group } of Object.values(workTopics))
    for (const id of await liveKeys(log, deadLetterTopic(topic, group)))
      findings.wrong(`${id} is a dead letter of group ${group}`);
}

type LedgerRow = Record<Bucket | 'rows', number> & { readonly import_id: string };

/**
 * The ledger of an import's newest upload has the buckets that the import shows, but for what failed, and each of its rejected rows once. What was
 * cancelled reaches it when an importer passes over the chunk, so never where the log has lost the chunk.
 */
async function checkLedger(
  query: Inspection['query'],
  states: readonly ImportState[],
  findings: Findings,
): Promise<void> {
  const sums = buckets.map((bucket) => `sum(${bucket})::int AS ${bucket}`).join(', ');
  const ledger = await query<LedgerRow>(
    `SELECT import_id, upload_id, sum(rows)::int AS rows, ${sums} FROM chunk_ledger GROUP BY import_id, upload_id ORDER BY upload_id`,
  );
  const rejected = await query<{ import_id: string; rows: number }>(
    'SELECT import_id, count(*)::int AS rows FROM row_errors GROUP BY import_id',
  );
  // The newest upload comes last, and counts.
  const byImport = new Map(ledger.map((row) => [row.import_id, row]));
  const rejectedOf = new Map(rejected.map((row) => [row.import_id, row.rows]));
  for (const { importId, rows } of states) {
    const kept = byImport.get(importId);
    // Chunks that have failed never reached the ledger.
    const total = (rows.total ?? 0) - rows.failed - rows.cancelled;
    const inLedger = (kept?.rows ?? 0) - (kept?.cancelled ?? 0);
    const what = `import ${importId} has ${total} rows that were worked off, its ledger ${inLedger}`;
    if (inLedger < total) findings.lost('rows', total - inLedger, what);
    if (inLedger > total) findings.doubled('rows', inLedger - total, what);
    for (const bucket of buckets)
      if (!fits(bucket, kept?.[bucket] ?? 0, rows[bucket]))
        findings.wrong(
          `import ${importId} shows ${rows[bucket]} ${bucket}, its ledger has ${kept?.[bucket] ?? 0}`,
        );
    if ((rejectedOf.get(importId) ?? 0) !== rows.rejected)
      findings.wrong(
        `import ${importId} keeps ${rejectedOf.get(importId) ?? 0} rejected rows, and shows ${rows.rejected}`,
      );
  }
}

function fits(bucket: Bucket, inLedger: number, shown: number): boolean {
  if (bucket === 'failed') return true;
  return bucket === 'cancelled' ? inLedger <= shown : inLedger === shown;
}

/** Records behind the group's position. Offsets may have gaps, so the records are read. */
async function countWaiting(log: EventLog, topic: string, group: string): Promise<number> {
  const offsets = (await log.committedOffsets(group, topic)).map((offset) => offset ?? 0);
  let waiting = 0;
  for await (const records of log.read({ topic, from: { offsets }, follow: false }))
    waiting += records.length;
  return waiting;
}

/** Keys of a compacted topic whose newest record is no tombstone. */
async function liveKeys(log: EventLog, topic: string): Promise<Set<string>> {
  const live = new Set<string>();
  for await (const records of log.read({ topic, from: 'earliest', follow: false }))
    for (const { key, value } of records)
      if (value === null) live.delete(key);
      else live.add(key);
  return live;
}
