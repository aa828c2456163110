/**
 * PostgreSQL as the database under the contact store: a bounded pool of connections.
 *
 * **The server may go away** at any moment. A running call then rejects with `store_unavailable`, its connection
 * is closed, and the next call opens a new one. Where `COMMIT` gets no answer, the transaction may be committed or
 * not, and never in part.
 *
 * **Every wait is bounded**: the wait for a connection, the time of a statement in the server, and the wait of this process for a
 * server that does not answer. The server ends a transaction whose process has stopped, and releases its locks.
 *
 * TLS is what the URL says (`sslmode`, `sslrootcert` …, as pg reads them).
 */
import { DatabaseError, Pool, type PoolClient } from 'pg';
import { ContactStoreError } from '../contact-store-error.ts';
import type { Database, Parameter, Queryable, QueryResult } from './database.ts';
import { toStoreError } from './database.ts';
import type { StoreLogger } from './migrations.ts';
import { encodeArray } from './postgres-array.ts';

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database?sslmode=…` */
  readonly url: string;
  /** Connections at most, from 1; default 4. They are opened when they are needed, and closed after 30 s without work. */
  readonly connections?: number;
  /** Shown in `pg_stat_activity`, unless the URL names one; default `tidings`. */
  readonly applicationName?: string;
  readonly logger?: StoreLogger;
  /** Milliseconds to wait for a connection, a new one or one of the pool's; default 10,000. */
  readonly connectTimeoutMs?: number;
  /** Milliseconds after which the server breaks off a statement, from 1; default 30,000. */
  readonly statementTimeoutMs?: number;
  /** Milliseconds that a statement waits for a lock; 0, the default: as long as the statement may last. */
  readonly lockTimeoutMs?: number;
}

const DEFAULT_CONNECTIONS = 4;
const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;
const DEFAULT_STATEMENT_TIMEOUT_MS = 30_000;
const IDLE_TIMEOUT_MS = 30_000;
/** Milliseconds that this process waits longer than the server, which count only where the server does not answer at all. */
const MUTE_SERVER_MS = 5_000;
/** Milliseconds without a statement after which the server ends a transaction: its process is stopped, or cut off. */
const IDLE_IN_TRANSACTION_MS = 30_000;
const KEEP_ALIVE_AFTER_MS = 10_000;

function openPool(options: PostgresOptions): Pool {
  const statementTimeout = options.statementTimeoutMs ?? DEFAULT_STATEMENT_TIMEOUT_MS;
  const pool = new Pool({
    connectionString: options.url,
    max: options.connections ?? DEFAULT_CONNECTIONS,
    application_name: options.applicationName ?? 'tidings',
    connectionTimeoutMillis: options.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
    statement_timeout: statementTimeout,
    query_timeout: statementTimeout + MUTE_SERVER_MS,
    ...(options.lockTimeoutMs !== undefined && { lock_timeout: options.lockTimeoutMs }),
  });
  // Both need a listener, or a broken connection ends the process: the pool for idle connections, each client while it is in use.
  pool.on('error', (error) => {
    options.logger?.warn({ reason: error.message }, 'idle database connection lost');
  });
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

function encode(parameter: Parameter): string | number | boolean | null | Buffer {
  return typeof parameter === 'object' && parameter !== null ? encodeArray(parameter) : parameter;
}

/** A pooled connection, for the time of one call. */
class Connection implements Queryable {
  readonly #client: PoolClient;
  #broken = false;

  constructor(client: PoolClient) {
    this.#client = client;
  }

  async query<Row>(text: string, parameters: readonly Parameter[] = []): Promise<QueryResult<Row>> {
    const result = await this.#send(text, parameters);
    return { rows: result.rows, affected: result.rowCount ?? 0 };
  }

  async begin(): Promise<void> {
    await this.#send('BEGIN ISOLATION LEVEL READ COMMITTED');
  }

  /** @throws Error where the server rolled back instead, because a statement of the transaction had failed */
  async commit(): Promise<void> {
    const { command } = await this.#send('COMMIT');
    if (command !== 'COMMIT')
      throw new Error('The transaction was committed after one of its statements had failed.');
  }

  /** Never rejects: a connection on which it fails is closed, and the server rolls back by itself. */
  async rollback(): Promise<void> {
    if (!this.#broken) await this.#send('ROLLBACK').catch(() => undefined);
  }

  /** Returns the connection to the pool; closes it instead where a statement is unanswered. */
  release(): void {
    this.#client.release(this.#broken);
  }

  async #send(text: string, parameters?: readonly Parameter[]) {
    const values = parameters?.map(encode);
    try {
      return await this.#client.query(text, values);
    } catch (error) {
      this.#broken ||= !(error instanceof DatabaseError);
      throw toStoreError(error);
    }
  }
}

class PostgresDatabase implements Database {
  readonly #pool: Pool;
  readonly #running = new Set<Promise<unknown>>();
  #closing: Promise<void> | null = null;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  query<Row>(text: string, parameters: readonly Parameter[] = []): Promise<QueryResult<Row>> {
    return this.#withConnection((connection) => connection.query<Row>(text, parameters));
  }

  transaction<Result>(work: (connection: Queryable) => Promise<Result>): Promise<Result> {
    return this.#withConnection(async (connection) => {
      try {
        await connection.begin();
        const result = await work(connection);
        await connection.commit();
        return result;
      } catch (error) {
        await connection.rollback();
        throw error;
      }
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#closeNow();
    return this.#closing;
  }

  async #closeNow(): Promise<void> {
    await Promise.allSettled(this.#running);
    await this.#pool.end();
  }

  async #withConnection<Result>(use: (connection: Connection) => Promise<Result>): Promise<Result> {
    if (this.#closing !== null) throw new ContactStoreError('store_closed', 'The contact store is closed.');
    const running = this.#use(use);
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  async #use<Result>(use: (connection: Connection) => Promise<Result>): Promise<Result> {
    const connection = await this.#connect();
    try {
      return await use(connection);
    } finally {
      connection.release();
    }
  }

  /** The error of every failed connection, also for a changed password: no statement is to blame. */
  async #connect(): Promise<Connection> {
    try {
      return new Connection(await this.#pool.connect());
    } catch (error) {
      throw new ContactStoreError('store_unavailable', 'The contact store cannot be reached.', {
        cause: error,
      });
    }
  }
}

/** The first call opens a connection. @throws Error for a URL that cannot be read */
export function openPostgres(options: PostgresOptions): Database {
  return new PostgresDatabase(openPool(options));
}
