/** Makes the database refuse the contacts of a company, as a fault of ours would, until they are mended. What is spoilt ends as a dead letter. */
import { retryUntil } from '@tidings/failures/retry.ts';
import { Client } from 'pg';

/** How the names of companies begin that may be spoilt. */
export const SPOILT = 'Spoilt ';

export interface RowSpoiler {
  /** From now on the database refuses every contact of the company, to be written or deleted. @param company begins with `SPOILT` */
  spoil(company: string): Promise<void>;
  mend(company: string): Promise<void>;
}

/**
 * Statements for a database that has its schema: writes and deletions of a spoilt company's contacts fail, in imports as in undos.
 * @param isSpoilt a condition in SQL about the text `given`
 */
export function refusal(isSpoilt: string): string[] {
  return [
    `CREATE FUNCTION is_spoilt(given text) RETURNS boolean LANGUAGE plpgsql AS $$
       BEGIN RETURN given LIKE '${SPOILT}%' AND (${isSpoilt}); END $$`,
    `CREATE FUNCTION refuse_spoilt() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
         IF TG_OP <> 'INSERT' AND is_spoilt(OLD.company) OR TG_OP <> 'DELETE' AND is_spoilt(NEW.company) THEN
           RAISE EXCEPTION 'spoilt';
         END IF;
         IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
         RETURN NEW;
       END $$`,
    `CREATE TRIGGER refuse_spoilt BEFORE INSERT OR UPDATE OR DELETE ON contacts
       FOR EACH ROW EXECUTE FUNCTION refuse_spoilt()`,
  ];
}

/** @param databaseUrl of a database that has its schema */
export async function createRowSpoiler(databaseUrl: string): Promise<RowSpoiler> {
  await run(databaseUrl, 'CREATE TABLE spoilt_companies (company text PRIMARY KEY)');
  for (const statement of refusal('EXISTS (SELECT FROM spoilt_companies WHERE company = given)'))
    await run(databaseUrl, statement);
  const change = (sql: string) => (company: string) =>
    // PostgreSQL may be away: that is what the proof is about.
    retryUntil(() => run(databaseUrl, sql, [company]), { retriable: () => true, longestMs: 1_000 });
  return {
    spoil: change('INSERT INTO spoilt_companies VALUES ($1) ON CONFLICT DO NOTHING'),
    mend: change('DELETE FROM spoilt_companies WHERE company = $1'),
  };
}

async function run(connectionString: string, sql: string, values?: string[]): Promise<void> {
  const client = new Client({ connectionString, connectionTimeoutMillis: 5_000, query_timeout: 5_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(sql, values);
  } finally {
    // Not awaited, because a paused server never answers.
    void client.end().catch(() => undefined);
  }
}
