/** The projection of imports that have ended. */
import type { ImportState } from '@tidings/contracts/import.ts';
import type { ListImportsOptions, ProjectedImport } from '../contact-store.ts';
import type { Queryable } from '../databases/database.ts';

export async function projectImport(database: Queryable, { owner, state }: ProjectedImport): Promise<void> {
  await database.query(
    `INSERT INTO imports AS known (import_id, owner, status, accepted_at, version, state)
     VALUES ($1, $2, $3, $4::timestamptz, $5, $6::json)
     ON CONFLICT (import_id) DO UPDATE
       SET owner = excluded.owner, status = excluded.status, accepted_at = excluded.accepted_at,
           version = excluded.version, state = excluded.state
       WHERE known.version < excluded.version`,
    [state.importId, owner, state.status, state.acceptedAt, state.version, JSON.stringify(state)],
  );
}

export async function getImport(database: Queryable, importId: string): Promise<ProjectedImport | null> {
  const { rows } = await database.query<{ owner: string; state: ImportState }>(
    'SELECT owner, state FROM imports WHERE import_id = $1',
    [importId],
  );
  return rows[0] ?? null;
}

/** Newest accepted first, then by id, descending. */
export async function listImports(
  database: Queryable,
  options: ListImportsOptions,
): Promise<ProjectedImport[]> {
  const conditions: string[] = [];
  const parameters: (string | number)[] = [];
  const parameter = (value: string | number) => `$${parameters.push(value)}`;
  if (options.owner !== undefined) conditions.push(`owner = ${parameter(options.owner)}`);
  if (options.status !== undefined) conditions.push(`status = ${parameter(options.status)}`);
  if (options.after !== undefined) {
    const { acceptedAt, importId } = options.after;
    conditions.push(
      `(accepted_at, import_id) < (${parameter(acceptedAt)}::timestamptz, ${parameter(importId)}::uuid)`,
    );
  }
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  const { rows } = await database.query<ProjectedImport>(
    `SELECT owner, state FROM imports ${where}
      ORDER BY accepted_at DESC, import_id DESC LIMIT ${parameter(options.limit)}`,
    parameters,
  );
  return rows;
}
