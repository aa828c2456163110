/**
 * Measures an import on the embedded engines, from the first byte sent to the notification of its end. The baseline is the plain upsert of
 * the same rows, already parsed, into the same table of the same PGlite: no validation, no ledger, no buckets, no notifications.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '@tidings/contact-store/databases/migrations.ts';
import { openPglite } from '@tidings/contact-store/databases/pglite.ts';
import { acceptImport, untilEnded } from '@tidings/testing/connections/requests.ts';
import { startStack } from '@tidings/testing/stack/stack.ts';
import { contactsFile, median, numberOption } from '../measure.ts';
import { runDistributed } from './import-distributed.ts';

/** Rows of one statement of the plain upsert: the fastest of the sizes tried. */
const STATEMENT_ROWS = 1_000;

/**
 * `--rows 200000`, `--rounds 3`: prints rows a second of both, and the ratio of their medians. `--engines distributed` runs on
 * Kafka, Redis and PostgreSQL instead, against `psql \\copy`.
 */
export async function run(words: string[]): Promise<void> {
  if (words.includes('distributed')) return runDistributed(words);
  const rows = numberOption(words, 'rows', 200_000);
  const rounds = numberOption(words, 'rounds', 3);
  const file = contactsFile(rows);
  const [plain, whole]: [number[], number[]] = [[], []];
  // One run of each in turn, so that a busy moment of the machine falls on both.
  for (let round = 1; round <= rounds; round += 1) {
    plain.push(rows / (await timePlainUpsert(file)));
    whole.push(rows / (await timeImport(file, rows)));
    console.log(
      `round ${round}: plain upsert ${plain.at(-1)?.toFixed(0)} rows/s, import ${whole.at(-1)?.toFixed(0)} rows/s`,
    );
  }
  const ratio = median(whole) / median(plain);
  console.log(
    `${rows} rows: import ${median(whole).toFixed(0)} rows/s, plain upsert ${median(plain).toFixed(0)} rows/s, ` +
      `ratio ${ratio.toFixed(2)} (medians of ${rounds}; to reach: 0.50)`,
  );
}

async function timeImport(file: Buffer, rows: number): Promise<number> {
  const stack = await startStack();
  try {
    const start = performance.now();
    const { importId, channelToken } = await acceptImport(stack.url, { file });
    const state = await untilEnded(stack.url, importId, channelToken);
    const seconds = (performance.now() - start) / 1000;
    if (state.rows.created !== rows)
      throw new Error(`expected ${rows} created, got ${JSON.stringify(state.rows)}`);
    return seconds;
  } finally {
    await stack.dispose();
  }
}

async function timePlainUpsert(file: Buffer): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'tidings-bench-'));
  const parsed = file
    .toString()
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
  try {
    const database = await openPglite(join(directory, 'contacts'));
    await migrate(database);
    const start = performance.now();
    for (let from = 0; from < parsed.length; from += STATEMENT_ROWS) {
      const part = parsed.slice(from, from + STATEMENT_ROWS);
      const column = (index: number) => part.map((cells) => cells[index] ?? '');
      await database.query(
        `INSERT INTO contacts (id, owner, email, first_name, last_name, phone, company, country, time_zone, attributes, version)
         SELECT gen_random_uuid(), 'bench', email, first, last, phone, company, country, '', jsonb_build_object('notes', notes), 1
         FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
           AS row (email, first, last, phone, company, country, notes)
         ON CONFLICT (owner, email) DO UPDATE SET first_name = excluded.first_name, last_name = excluded.last_name,
           phone = excluded.phone, company = excluded.company, country = excluded.country,
           attributes = contacts.attributes || excluded.attributes, version = contacts.version + 1`,
        [0, 1, 2, 3, 4, 5, 6].map(column),
      );
    }
    const seconds = (performance.now() - start) / 1000;
    await database.close();
    return seconds;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
