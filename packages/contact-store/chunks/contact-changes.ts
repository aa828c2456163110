/** Reads and writes the changes: one row for each import and contact. */

import type { StoredContact } from '../contact-image.ts';
import type { Queryable } from '../databases/database.ts';
import { areSmall } from '../databases/small-rows.ts';
import { type Change, changeOfCreation, type PreviousWrite } from './bucket-rule.ts';
import { type PackedFieldRows, packFieldRows, unpackFieldRows } from './field-rows.ts';

export interface KeptChange {
  readonly importId: string;
  readonly contactId: string;
  readonly change: Change;
}

/** A change as an array, which is parsed faster than a row of many columns. */
type PackedChange = [
  contactId: string,
  bucket: Change['bucket'],
  before: Change['before'],
  versionAfter: number,
  highestRow: number,
  fieldRows: PackedFieldRows,
  attempt: number | null,
  previousImport: string | null,
  previousVersion: number | null,
];

const isSmall = areSmall(['before', 'field_rows']);

function unpack(packed: PackedChange): [contactId: string, change: Change] {
  const [contactId, bucket, before, versionAfter, highestRow, fieldRows, attempt, ...previous] = packed;
  const change: Change = {
    bucket,
    before,
    versionAfter,
    highestRow,
    fieldRows: unpackFieldRows(fieldRows),
    attempt: attempt ?? 0,
    previous: unpackPrevious(...previous),
  };
  return [contactId, change];
}

export function unpackPrevious(importId: string | null, version: number | null): PreviousWrite | null {
  return importId === null || version === null ? null : { importId, version };
}

export interface KnownChanges {
  /** By contact id. */
  readonly changes: Map<string, Change>;
  /** Ids of contacts whose change exists and is too large to be read with the others. */
  readonly large: Set<string>;
}

/**
 * Reads what an import has done to these contacts, which must be locked. OFFSET 0 makes the plan one look-up for each
 * contact, whatever the statistics say.
 * @param whole reads large changes too; give at most `LARGE_AT_A_TIME` contacts then
 */
export async function readChanges(
  connection: Queryable,
  importId: string,
  contactIds: readonly string[],
  whole: boolean,
): Promise<KnownChanges> {
  if (contactIds.length === 0) return { changes: new Map(), large: new Set() };
  const { rows } = await connection.query<{ packed: PackedChange[] | null; large: string[] | null }>(
    `SELECT json_agg(json_build_array(contact_id, bucket, before, version_after, highest_row, field_rows, attempt,
                     previous_import, previous_version))
              FILTER (WHERE $3 OR ${isSmall}) AS packed,
            json_agg(contact_id) FILTER (WHERE NOT ($3 OR ${isSmall})) AS large
       FROM unnest($2::text[]::uuid[]) AS changed (id),
            LATERAL (SELECT * FROM contact_changes WHERE import_id = $1 AND contact_id = id OFFSET 0) AS known`,
    [importId, contactIds, whole],
  );
  const changes = new Map((rows[0]?.packed ?? []).map(unpack));
  return { changes, large: new Set(rows[0]?.large ?? []) };
}

/**
 * Keeps what the contact alone shows of its creation, before someone else writes the contact. After that write the contact no longer
 * shows which fields the row had set, and a late chunk of the import that created it needs them.
 */
export function creationToKeep(contact: StoredContact): KeptChange[] {
  if (contact.version !== 1 || contact.createdByImport === null) return [];
  return [{ importId: contact.createdByImport, contactId: contact.id, change: changeOfCreation(contact) }];
}

/**
 * Keeps changes of locked contacts. A stored change of `importId` is replaced. A stored change of
 * any other import stays, because it is newer than what the contact shows of its creation. Of an import whose details were
 * removed, nothing is kept any more.
 * @param importId the import that writes; null when no import does
 */
export async function keepChanges(
  connection: Queryable,
  importId: string | null,
  kept: readonly KeptChange[],
): Promise<void> {
  if (kept.length === 0) return;
  await connection.query(
    `INSERT INTO contact_changes AS known
       (import_id, contact_id, bucket, before, version_after, highest_row, field_rows, attempt, previous_import,
        previous_version)
     SELECT i, c, b, p::json, v, h, f::json, nullif(a, 0), pi, pv
       FROM unnest($2::text[]::uuid[], $3::text[]::uuid[], $4::text[], $5::text[], $6::int[], $7::int[], $8::text[], $9::int[],
                   $10::text[]::uuid[], $11::int[]) AS change (i, c, b, p, v, h, f, a, pi, pv)
      WHERE i = $1 OR EXISTS (SELECT FROM import_gates WHERE import_id = i)
     ON CONFLICT (import_id, contact_id) DO UPDATE
       SET bucket = excluded.bucket, before = excluded.before, version_after = excluded.version_after,
           highest_row = excluded.highest_row, field_rows = excluded.field_rows, attempt = excluded.attempt,
           previous_import = excluded.previous_import, previous_version = excluded.previous_version
       WHERE known.import_id = $1`,
    [
      importId,
      kept.map((item) => item.importId),
      kept.map((item) => item.contactId),
      kept.map(({ change }) => change.bucket),
      kept.map(({ change }) => (change.before === null ? null : JSON.stringify(change.before))),
      kept.map(({ change }) => change.versionAfter),
      kept.map(({ change }) => change.highestRow),
      kept.map(({ change }) => JSON.stringify(packFieldRows(change.fieldRows))),
      kept.map(({ change }) => change.attempt),
      kept.map(({ change }) => change.previous?.importId ?? null),
      kept.map(({ change }) => change.previous?.version ?? null),
    ],
  );
}
