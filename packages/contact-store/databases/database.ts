/**
 * The seam under the contact store: the little of a PostgreSQL connection that its SQL needs. A driver maps its errors by
 * `toStoreError`, so that the store above never sees one of its own kind.
 *
 * Parameters and results are what every driver agrees on: text, `int4`, booleans, `uuid` as strings. An array goes in as
 * `text[]` or `int4[]`, by what it holds; the SQL casts it further (`$1::text[]::uuid[]`). `json` and `jsonb` go in as
 * text and come out parsed. `int8` and timestamps do not come out.
 */
import { Failure } from '@tidings/failures/failure.ts';
import { ContactStoreError } from '../contact-store.ts';

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

export interface Database extends Queryable {
  /**
   * Runs the work in one READ COMMITTED transaction on one connection: committed when it resolves, rolled back when it
   * rejects. The work must use only the connection handed to it.
   */
  transaction<Result>(work: (connection: Queryable) => Promise<Result>): Promise<Result>;
  /** Waits for what runs; everything after it is refused with `store_closed`. */
  close(): Promise<void>;
}

/** SQLSTATE classes after which the same statement may succeed: connection, rollback, resources, operator, system. */
const PASSING_CLASSES = new Set(['08', '40', '53', '55', '57', '58']);
/** SQLSTATE codes of a transaction that lost against another one: nothing is wrong, it only has to run again. */
const LOST_RACES = new Set(['40001', '40P01']);
/** Of other classes: a standby that has not yet taken over, a transaction whose process had stopped for too long. */
const PASSING_STATES = new Set(['25006', '25P03', '25P04']);

/** Each has a digit, unlike EPIPE, which is the system's. */
function sqlState(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  return typeof error.code === 'string' && /^(?=.*\d)[0-9A-Z]{5}$/.test(error.code) ? error.code : null;
}

/** Whether a transaction was rolled back only because another one ran at the same time. */
export function lostRace(error: unknown): boolean {
  const state = sqlState(error instanceof ContactStoreError ? error.cause : error);
  return state !== null && LOST_RACES.has(state);
}

/** Whether the server does not let this user in, or has no such database: waiting is no use. */
export function wasRefused(error: unknown): boolean {
  const state = sqlState(error instanceof ContactStoreError ? error.cause : error);
  return state !== null && (state.startsWith('28') || state === '3D000');
}

/** SQLSTATE classes of statements that are faulty themselves, and of users and databases: what is said of them quotes no value. */
const VALUELESS_CLASSES = new Set(['42', '28', '3D']);

/**
 * What may be told of an error that the server raised. Drivers' own errors quote values in their messages and details, and
 * PGlite's have the statement with its parameters as fields: they end here.
 */
export class DatabaseFault extends Failure {
  override name = 'DatabaseFault';

  /** @param state SQLSTATE */
  constructor(state: string, message: string) {
    super(state, message);
  }
}

/**
 * A driver's error as the store's: `store_unavailable` for what passes, and for what does not come from the server at
 * all. What the server raised because of the statement is a `DatabaseFault`: trying again is no use.
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
