/** Conformance: migrations. */
import { contactFields } from '@tidings/contracts/contacts/contact-fields.ts';
import { describe, expect, test } from 'vitest';
import { migrate } from '../../databases/migrations.ts';
import { migrations } from '../../databases/schema.ts';
import type { Subject } from '../subject.ts';
import { applyRows, contactsOf, newImport, validRow } from '../test/test-imports.ts';

export function migrationsSuite({ database, store }: Subject): void {
  describe('migrations', () => {
    test('run once, however often they are asked for', async () => {
      const run = newImport();
      await applyRows(store(), run, 0, validRow(0, 'a@example.org', { firstName: 'Anna' }));
      await Promise.all([migrate(database()), migrate(database())]);
      expect((await contactsOf(store(), run.owner)).size).toBe(1);
      const { rows } = await database().query<{ version: number }>(
        'SELECT version FROM schema_migrations ORDER BY version',
      );
      expect(rows.map(({ version }) => version)).toEqual(migrations.map(({ version }) => version));
    });

    test('give the contacts a column for each of their fields', async () => {
      const { rows } = await database().query<{ name: string }>(
        `SELECT column_name::text AS name FROM information_schema.columns WHERE table_name = 'contacts'`,
      );
      const others = [
        'id',
        'owner',
        'attributes',
        'version',
        'created_by_import',
        'created_by_row',
        'created_by_attempt',
        'last_import',
        'changed_at',
        'email_spelling',
        'spelling_of',
      ];
      const wanted = [...contactFields.map(({ column }) => column), ...others];
      expect(rows.map(({ name }) => name).sort()).toEqual(wanted.sort());
    });

    test('of which one fails leave nothing behind', async () => {
      const broken = {
        version: migrations.length + 1,
        name: 'broken',
        statements: ['CREATE TABLE half_done (id int)', 'CREATE TABLE no such thing'],
      };
      await expect(migrate(database(), [...migrations, broken])).rejects.toThrow();
      const { rows } = await database().query<{ found: string | null }>(
        `SELECT to_regclass('half_done')::text AS found`,
      );
      expect(rows).toEqual([{ found: null }]);
    });

    test('of a newer release are refused in words', async () => {
      await expect(migrate(database(), [])).rejects.toMatchObject({
        name: 'ContactStoreError',
        code: 'schema_unknown',
        retriable: false,
        message: expect.stringContaining(`version ${migrations.length}, this one knows up to 0`),
      });
    });
  });
}
