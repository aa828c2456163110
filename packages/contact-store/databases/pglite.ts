/**
 * PGlite as the database under the contact store: PostgreSQL inside this process, on one connection.
 *
 * **Durable** as far as the operating system is: a commit is written to the files when it resolves, so it survives
 * `kill -9` of the process. PGlite runs with `fsync` off, so a power cut may lose the last commits. The other defaults stay as they
 * are: in measurements, `full_page_writes`, `wal_level` and `synchronous_commit` made no import faster.
 *
 * **It blocks its thread** while a statement runs, and awaiting a statement runs no timer and no socket. So every call, and every
 * statement of a transaction, ends with a turn of the event loop. Open it in a worker thread.
 */
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { PGlite, type Results, type Transaction } from '@electric-sql/pglite';
import { ContactStoreError } from '../contact-store-error.ts';
import type { Database, Parameter, Queryable, QueryResult, TransactionOptions } from './database.ts';
import { toStoreError } from './database.ts';
import { encodeArray } from './postgres-array.ts';

const TEXT_ARRAY_TYPE = 1009;
const INT4_ARRAY_TYPE = 1007;
/** PGlite sends bytes as a binary parameter, though its types know of text alone. */
const encode = encodeArray as (values: Parameters<typeof encodeArray>[0]) => string;
const binaryArrays = { serializers: { [TEXT_ARRAY_TYPE]: encode, [INT4_ARRAY_TYPE]: encode } };

async function run<Row>(
  connection: PGlite | Transaction,
  text: string,
  parameters: readonly Parameter[],
): Promise<QueryResult<Row>> {
  const result: Results<Row> = await connection
    .query<Row>(text, [...parameters], binaryArrays)
    .catch(throwStoreError);
  return { rows: result.rows, affected: result.affectedRows ?? 0 };
}

function throwStoreError(error: unknown): never {
  throw toStoreError(error);
}

/** Calls between two looks at the write-ahead log. */
const CALLS_BETWEEN_LOOKS = 64;
/** Bytes of the write-ahead log from which on a checkpoint lets go of it: what some 150,000 imported rows write. */
const WAL_BYTES = 128 * 1024 * 1024;

export interface PgliteOptions {
  /** Of the write-ahead log from which on it is let go; default 128 MiB. */
  readonly walBytes?: number;
  /** Runs the work once nothing more urgent waits: a checkpoint takes about a tenth of a second. Default: at once. */
  readonly inTurn?: <Result>(work: () => Promise<Result>) => Promise<Result>;
}

/** A statement that fails leaves the transaction as it was. */
async function runInSavepoint<Row>(
  transaction: Transaction,
  text: string,
  parameters: readonly Parameter[],
): Promise<QueryResult<Row>> {
  await transaction.exec('SAVEPOINT look_up');
  try {
    return await run<Row>(transaction, text, parameters);
  } catch (error) {
    await transaction.exec('ROLLBACK TO SAVEPOINT look_up');
    throw error;
  } finally {
    await transaction.exec('RELEASE SAVEPOINT look_up');
  }
}

/** Look-ups that came while a transaction was under way which admits them. */
class LookUps {
  #waiting: ((connection: Transaction | null) => Promise<void>)[] = [];

  /** @param otherwise is called where the transaction ends before */
  add<Row>(
    text: string,
    parameters: readonly Parameter[],
    otherwise: () => Promise<QueryResult<Row>>,
  ): Promise<QueryResult<Row>> {
    return new Promise((resolve, reject) => {
      this.#waiting.push((connection) =>
        (connection === null ? otherwise() : runInSavepoint<Row>(connection, text, parameters)).then(
          resolve,
          reject,
        ),
      );
    });
  }

  /** Answers those that have come by now. The transaction runs nothing else meanwhile. */
  async answer(connection: Transaction): Promise<void> {
    for (const answer of this.#waiting.splice(0)) await answer(connection);
  }

  /** The transaction is over. Those that are left ask all at once, so that only what stands in line already comes before them. */
  leave(): void {
    for (const answer of this.#waiting.splice(0)) void answer(null);
  }
}

class PgliteDatabase implements Database {
  /** PGlite has no autovacuum, because there is no process to run it. */
  readonly needsVacuum = true;
  readonly #pglite: PGlite;
  readonly #running = new Set<Promise<unknown>>();
  readonly #options: Required<PgliteOptions>;
  /** Of the transaction under way; null where none is that admits them. */
  #lookUps: LookUps | null = null;
  #calls = 0;
  #isLookDue = false;
  #closing: Promise<void> | null = null;

  constructor(pglite: PGlite, { walBytes = WAL_BYTES, inTurn = (work) => work() }: PgliteOptions) {
    this.#pglite = pglite;
    this.#options = { walBytes, inTurn };
  }

  query<Row>(text: string, parameters: readonly Parameter[] = []): Promise<QueryResult<Row>> {
    return this.#guarded(() => run<Row>(this.#pglite, text, parameters));
  }

  lookUp<Row>(text: string, parameters: readonly Parameter[]): Promise<QueryResult<Row>> {
    const ask = () => this.query<Row>(text, parameters);
    return this.#lookUps?.add(text, parameters, ask) ?? ask();
  }

  transaction<Result>(
    work: (connection: Queryable) => Promise<Result>,
    { admitsLookUps = false }: TransactionOptions = {},
  ): Promise<Result> {
    return this.#guarded(async () => {
      // What the work throws is told as it is: a fault of ours is no outage, which would be waited out for ever.
      let failure: { readonly error: unknown } | null = null;
      const guarded = async (transaction: Transaction) => {
        const lookUps = new LookUps();
        if (admitsLookUps) this.#lookUps = lookUps;
        try {
          return await work({
            query: async <Row>(text: string, parameters: readonly Parameter[] = []) => {
              const result = await run<Row>(transaction, text, parameters);
              await turnOfTheLoop();
              await lookUps.answer(transaction);
              return result;
            },
          });
        } catch (error) {
          failure = { error };
          throw error;
        } finally {
          this.#lookUps = null;
          lookUps.leave();
        }
      };
      try {
        return await this.#pglite.transaction(guarded);
      } catch (error) {
        if (failure !== null) throw (failure as { readonly error: unknown }).error;
        return throwStoreError(error);
      }
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#closeNow();
    return this.#closing;
  }

  async #closeNow(): Promise<void> {
    await Promise.allSettled(this.#running);
    await this.#pglite.close();
  }

  async #guarded<Result>(call: () => Promise<Result>): Promise<Result> {
    if (this.#closing !== null) throw new ContactStoreError('store_closed', 'The contact store is closed.');
    const running = call();
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
      await turnOfTheLoop();
      this.#calls += 1;
      if (this.#closing === null && this.#calls % CALLS_BETWEEN_LOOKS === 0) this.#checkpointSoon();
    }
  }

  /**
   * Without a process for it the database makes none before it is closed, and its write-ahead log would grow until then. One look waits for
   * its turn at a time.
   */
  #checkpointSoon(): void {
    if (this.#isLookDue) return;
    this.#isLookDue = true;
    const checkpoint = this.#options
      .inTurn(() => this.#checkpointIfDue())
      // The next look tries again; what is wrong with the database shows in the calls.
      .catch(() => undefined)
      .finally(() => {
        this.#isLookDue = false;
        this.#running.delete(checkpoint);
      });
    this.#running.add(checkpoint);
  }

  async #checkpointIfDue(): Promise<void> {
    const { rows } = await this.#pglite.query<{ due: boolean }>(
      'SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), redo_lsn) > $1 AS due FROM pg_control_checkpoint()',
      [this.#options.walBytes],
    );
    if (rows[0]?.due === true) await this.#pglite.query('CHECKPOINT');
  }
}

/**
 * Opens the database in a folder, which is made if need be, or in memory (gone when closed). The first opening of a
 * folder takes seconds.
 *
 * PGlite does not lock the folder: whoever opens it must hold a lock on it. `all-in-one/` opens the log in the same folder
 * first, and a second process is refused there.
 */
export async function openPglite(
  directory: string | 'memory',
  options: PgliteOptions = {},
): Promise<Database> {
  if (directory === 'memory') return new PgliteDatabase(await PGlite.create('memory://'), options);
  const folder = resolve(directory);
  await mkdir(folder, { recursive: true });
  try {
    return new PgliteDatabase(await PGlite.create(`file://${folder}/pglite`), options);
  } catch (error) {
    throw toStoreError(error);
  }
}
