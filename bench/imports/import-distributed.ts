/**
 * Measures an import on Kafka, Redis and PostgreSQL, through the proxy, from the first byte sent to the outcome in a client.
 * The baseline is `psql \copy` of the same file into an unlogged staging table and INSERT … ON CONFLICT into a table
 * with the same indexes. Both run on an empty table, and again where every contact exists. The baseline validates nothing, keeps no
 * ledger, counts no buckets and can take nothing back.
 */
import { spawnSync } from 'node:child_process';
import { openAsBlob, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openChannel, uploadImport } from '@tidings/client/index.ts';
import type { ImportState } from '@tidings/contracts/imports/import.ts';
import { type Distributed, startDistributed } from '@tidings/testing/stack/distributed.ts';
import { contactsFile, cpuSeconds, familyCpuSeconds, median, megabytes, numberOption } from '../measure.ts';

type Case = 'empty' | 'all exist';
const cases: readonly Case[] = ['empty', 'all exist'];
/** The time to reach, as a multiple of the baseline's. */
const goals: Readonly<Record<Case, number>> = { empty: 1.8, 'all exist': 2.0 };

/** `--rows 1000000`, `--rounds 3`, `--importers 2`: prints the times, their ratios, and what each process and the database took. */
export async function runDistributed(words: readonly string[]): Promise<void> {
  const rows = numberOption(words, 'rows', 1_000_000);
  const rounds = numberOption(words, 'rounds', 3);
  const importers = numberOption(words, 'importers', 2);
  const directory = await mkdtemp(join(tmpdir(), 'tidings-bench-'));
  const path = join(directory, 'contacts.csv');
  const bytes = contactsFile(rows);
  await writeFile(path, bytes);
  const system = await startDistributed({ instances: { importer: importers }, onProgress: console.log });
  const times = new Map<string, number[]>(
    cases.flatMap((name) => [
      [`import ${name}`, []],
      [`copy ${name}`, []],
    ]),
  );
  try {
    for (let round = 1; round <= rounds; round += 1) {
      const databaseUrl = system.engines.databaseUrl;
      psql(databaseUrl, EMPTY);
      for (const name of cases) {
        const copy = timeCopy(databaseUrl, path);
        const logBefore = psql(databaseUrl, 'SELECT pg_current_wal_lsn()');
        const whole = await timeImport(system, path, rows, name);
        const logged = psql(databaseUrl, `SELECT pg_current_wal_lsn() - '${logBefore}'`);
        times.get(`copy ${name}`)?.push(copy);
        times.get(`import ${name}`)?.push(whole);
        console.log(
          `round ${round}, ${name}: copy ${copy.toFixed(1)} s, import ${whole.toFixed(1)} s, ` +
            `${(Number(logged) / rows).toFixed(0)} bytes of write-ahead log a row`,
        );
      }
    }
    for (const name of cases) {
      const [whole, copy] = [
        median(times.get(`import ${name}`) ?? []),
        median(times.get(`copy ${name}`) ?? []),
      ];
      console.log(
        `${rows} rows (${megabytes(bytes.length)} MB), ${importers} importers, ${name}: import ${whole.toFixed(1)} s ` +
          `(${(rows / whole).toFixed(0)} rows/s), copy ${copy.toFixed(1)} s, ratio ${(whole / copy).toFixed(2)} ` +
          `(medians of ${rounds}; to reach: ${goals[name].toFixed(1)})`,
      );
    }
    reportProcesses(system);
    reportTables(system, rows);
  } finally {
    await system.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

async function timeImport(system: Distributed, path: string, rows: number, name: Case): Promise<number> {
  const channel = openChannel({ url: system.url });
  await channel.ready();
  const outcome = new Promise<ImportState>((resolve) => {
    channel.onNotification(({ final, data }) => {
      if (final === true) resolve(data as ImportState);
    });
  });
  const start = performance.now();
  await uploadImport({
    baseUrl: system.url,
    file: await openAsBlob(path),
    fileName: 'contacts.csv',
    channel: channel.credentials ?? undefined,
  });
  const state = await outcome;
  const seconds = (performance.now() - start) / 1000;
  channel.close();
  const bucket = name === 'empty' ? 'created' : 'unchanged';
  if (state.rows[bucket] !== rows)
    throw new Error(`expected ${rows} ${bucket}, got ${JSON.stringify(state.rows)}`);
  return seconds;
}

/** A table with the columns and indexes of the contacts. */
const EMPTY = `
  TRUNCATE contacts, contact_changes;
  DROP TABLE IF EXISTS bench_contacts, bench_staging;
  CREATE TABLE bench_contacts (LIKE contacts INCLUDING ALL);
  CREATE UNLOGGED TABLE bench_staging (email text, first_name text, last_name text, phone text, company text, country text, notes text);
  CHECKPOINT;`;
const UPSERT = `
  INSERT INTO bench_contacts (id, owner, email, first_name, last_name, phone, company, country, time_zone, attributes, version)
  SELECT gen_random_uuid(), 'default', email, first_name, last_name, phone, company, country, '', jsonb_build_object('notes', notes), 1
  FROM bench_staging
  ON CONFLICT (owner, email) DO UPDATE SET first_name = excluded.first_name, last_name = excluded.last_name,
    phone = excluded.phone, company = excluded.company, country = excluded.country,
    attributes = bench_contacts.attributes || excluded.attributes, version = bench_contacts.version + 1`;

function timeCopy(databaseUrl: string, path: string): number {
  psql(databaseUrl, 'TRUNCATE bench_staging');
  const start = performance.now();
  psql(databaseUrl, `\\copy bench_staging FROM '${path}' WITH (FORMAT csv, HEADER)`);
  psql(databaseUrl, UPSERT);
  return (performance.now() - start) / 1000;
}

/** Returns the one value of a query, or undefined. */
function psql(databaseUrl: string, command: string): string {
  const words = [databaseUrl, '-v', 'ON_ERROR_STOP=1', '-qAt', '-c', command];
  const { status, stdout, stderr } = spawnSync('psql', words, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`psql failed: ${stderr}`);
  return stdout.trim();
}

/** Prints what the database has written, after an import that created every contact and one that found them. */
function reportTables(system: Distributed, rows: number): void {
  for (const table of ['contacts', 'contact_changes']) {
    const bytes = psql(system.engines.databaseUrl, `SELECT pg_total_relation_size('${table}')`);
    console.log(`${table}: ${(Number(bytes) / rows).toFixed(0)} bytes a row, its indexes with it`);
  }
}

/** CPU seconds of each process since its start, and the peak of its memory, as Linux counts them. */
function reportProcesses(system: Distributed): void {
  for (const [service, instances] of Object.entries(system.processes)) {
    for (const { pid } of instances) {
      const [, peak] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
      console.log(
        `${service} ${pid}: ${cpuSeconds(pid).toFixed(1)} CPU s, peak ${megabytes(Number(peak) * 1024)} MB`,
      );
    }
  }
  const server = psql(
    system.engines.databaseUrl,
    "SELECT split_part(pg_read_file('postmaster.pid'), chr(10), 1)",
  );
  console.log(`postgres: ${familyCpuSeconds(Number(server)).toFixed(1)} CPU s`);
}
