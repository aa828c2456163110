/**
 * What the SQL of the contact store needs of a PostgreSQL connection. Each driver maps its errors by
 * `toStoreError`, so that the store never sees an error of a driver.
 *
 * Parameters and results have the types on which every driver agrees: text, `int4`, booleans, `uuid` as strings. An array goes in
 * as `text[]` or `int4[]`, by its elements; the SQL casts it further (`$1::text[]::uuid[]`). `json` and `jsonb` go in as
 * text and come out parsed. No statement selects `int8` or timestamps.
 */
import { Failure } from '@tidings/failures/failure.ts';
import { retryUntil } from '@tidings/failures/retry.ts';
import { ContactStoreError } from '../contact-store-error.ts';

/** An array holds strings or whole numbers, not both. */
export type Parameter =
  | string
  | number
  | boolean
  | null
  | readonly (string | null)[]
  | readonly (number | null)[];

export interface QueryResult<Row> {
  readonly rows: Row[];
  /** Rows that the statement inserted, updated or deleted. */
  readonly affected: number;
}

export interface Queryable {
  /** One statement, its parameters as `$1`, `$2` … @throws ContactStoreError, or DatabaseFault */
  query<Row>(text: string, parameters?: readonly Parameter[]): Promise<QueryResult<Row>>;
}

export interface TransactionOptions {
  /** Whether look-ups may be answered between its statements, which come one at a time and do not write `imports`. Default: no. */
  readonly admitsLookUps?: boolean;
}

export interface Database extends Queryable {
  /** Whether nothing frees the space of dead rows by itself; default: something does. */
  readonly needsVacuum?: boolean;
  /**
   * Runs the work in one READ COMMITTED transaction on one connection: committed when it resolves, rolled back when it
   * rejects. The work must use only the connection handed to it.
   */
  transaction<Result>(
    work: (connection: Queryable) => Promise<Result>,
    options?: TransactionOptions,
  ): Promise<Result>;
  /**
   * As `query`, for a short read of `imports`, which may be answered in the midst of a transaction that admits it. A database with one
   * connection has it, so that nobody waits for a whole chunk of somebody else. Where it fails the transaction goes on.
   */
  lookUp?<Row>(text: string, parameters: readonly Parameter[]): Promise<QueryResult<Row>>;
  /** Waits for running statements; later calls are refused with `store_closed`. */
  close(): Promise<void>;
}

/** SQLSTATE classes after which the same statement may succeed: connection, rollback, resources, operator, system. */
const PASSING_CLASSES = new Set(['08', '40', '53', '55', '57', '58']);
/** SQLSTATE codes of a transaction that the server ended for another one: it only has to run again. */
const LOST_RACES = new Set(['40001', '40P01']);
/** Passing states of other classes: a standby that has not taken over yet, a transaction whose process had stopped for too long. */
const PASSING_STATES = new Set(['25006', '25P03', '25P04']);

/** The form of an SQLSTATE. Each has a digit, unlike EPIPE, which is a code of the system. */
function sqlState(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  return typeof error.code === 'string' && /^(?=.*\d)[0-9A-Z]{5}$/.test(error.code) ? error.code : null;
}

const RACE_RETRIES = { attempts: 5, firstMs: 1, longestMs: 10 };

/** Runs the work in a transaction, and again after a moment where the database has ended it for another one (a deadlock). */
export function inTransaction<Result>(
  database: Database,
  work: (connection: Queryable) => Promise<Result>,
  options?: TransactionOptions,
): Promise<Result> {
  return retryUntil(() => database.transaction(work, options), { ...RACE_RETRIES, retriable: lostRace });
}

/** Whether a transaction was rolled back only because another one ran at the same time. */
export function lostRace(error: unknown): boolean {
  const state = sqlState(error instanceof ContactStoreError ? error.cause : error);
  return state !== null && LOST_RACES.has(state);
}

/** Whether the server refuses this user, or has no such database: waiting does not help. */
export function wasRefused(error: unknown): boolean {
  const state = sqlState(error instanceof ContactStoreError ? error.cause : error);
  return state !== null && (state.startsWith('28') || state === '3D000');
}

/** SQLSTATE classes of faulty statements, users and databases: their messages quote no value. */
const VALUELESS_CLASSES = new Set(['42', '28', '3D']);

/**
 * An error of the server without values. Drivers' own errors quote values in their messages and details, and
 * PGlite's have the statement with its parameters as fields; neither leaves this package.
 */
export class DatabaseFault extends Failure {
  override name = 'DatabaseFault';

  /** @param state SQLSTATE */
  constructor(state: string, message: string) {
    super(state, message);
  }
}

/**
 * Turns a driver's error into the store's: `store_unavailable` for passing failures, and for those that do not come from the
 * server. An error that the server raised for the statement becomes a `DatabaseFault`: another attempt does not help.
 */
export function toStoreError(error: unknown): unknown {
  if (error instanceof ContactStoreError || error instanceof DatabaseFault) return error;
  const state = sqlState(error);
  const passing = state === null || PASSING_CLASSES.has(state.slice(0, 2)) || PASSING_STATES.has(state);
  const cause = state === null ? error : toFault(state, error, passing);
  if (!passing) return cause;
  return new ContactStoreError('store_unavailable', 'The contact store is not available.', { cause });
}

function toFault(state: string, error: unknown, passing: boolean): DatabaseFault {
  const quotesNothing = passing || VALUELESS_CLASSES.has(state.slice(0, 2));
  if (quotesNothing && error instanceof Error) return new DatabaseFault(state, error.message);
  return new DatabaseFault(state, `The database refused a statement (SQLSTATE ${state}).`);
}
