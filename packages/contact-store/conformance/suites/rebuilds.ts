/** Conformance: the projection of ended imports, built once more. */
import { describe, expect, test } from 'vitest';
import type { Subject } from '../subject.ts';
import { newImport } from '../test/test-imports.ts';
import { foldedOf } from '../test/test-projections.ts';

export function rebuildSuite({ database, store }: Subject): void {
  const indexes = async () => {
    const { rows } = await database().query<{ definition: string }>(
      `SELECT pg_get_indexdef(indexrelid) AS definition FROM pg_index
        WHERE indrelid = 'imports'::regclass ORDER BY 1`,
    );
    return rows.map(({ definition }) => definition);
  };

  describe('a rebuilt projection', () => {
    test('is compared import by import, and takes the place of the running one with what that alone has', async () => {
      const imports = Array.from({ length: 6 }, () => newImport());
      const [same, differing, goneOn, behind, copied, missing] = imports as [
        (typeof imports)[0],
        (typeof imports)[0],
        (typeof imports)[0],
        (typeof imports)[0],
        (typeof imports)[0],
        (typeof imports)[0],
      ];
      const former = await (await store().beginRebuild()).compare();
      const isSame = foldedOf(same, { version: 5 });
      await store().projectImport(isSame);
      await store().projectImport(foldedOf(differing, { version: 5, bytes: 1 }));
      await store().projectImport(foldedOf(goneOn, { version: 9 }));
      await store().projectImport(foldedOf(behind, { version: 3 }));
      await store().projectImport(foldedOf(copied, { version: 4 }));
      await database().query('UPDATE imports SET details_removed = true WHERE import_id = $1', [
        same.importId,
      ]);
      const definitions = await indexes();

      const rebuild = await store().beginRebuild();
      await rebuild.project(isSame);
      await rebuild.project(foldedOf(differing, { version: 5, bytes: 2 }));
      for (const one of [goneOn, behind, missing]) await rebuild.project(foldedOf(one, { version: 6 }));
      expect(await store().getImport(missing.importId)).toBeNull();
      const expected = {
        ...{ rebuilt: 5, same: 1, different: 1, differing: [differing.importId] },
        ...{ goneOn: 1, behind: 1, missing: 1, copied: former.copied + 1 },
      };
      expect(await rebuild.compare()).toEqual(expected);
      expect(await rebuild.switchOver()).toEqual(expected);

      const versionOf = async ({ importId }: typeof same) =>
        (await store().getImport(importId))?.state.version;
      expect(await Promise.all(imports.map(versionOf))).toEqual([5, 5, 9, 6, 4, 6]);
      expect((await store().getImport(differing.importId))?.state.bytes).toBe(2);
      const { rows } = await database().query<{ removed: boolean }>(
        'SELECT details_removed AS removed FROM imports WHERE import_id = $1',
        [same.importId],
      );
      expect(rows).toEqual([{ removed: true }]);
      expect(await indexes()).toEqual(definitions);
      // The running projection goes on in the new table.
      await store().projectImport(foldedOf(same, { version: 7 }));
      expect(await versionOf(same)).toBe(7);
    });

    test('keeps nothing of an owner who was erased before, or meanwhile', async () => {
      const [before, meanwhile] = [newImport(), newImport()] as const;
      await store().barOwner(before.owner);
      const rebuild = await store().beginRebuild();
      await rebuild.project(foldedOf(before));
      await rebuild.project(foldedOf(meanwhile));
      await store().barOwner(meanwhile.owner);
      expect(await rebuild.switchOver()).toMatchObject({ rebuilt: 0, missing: 0 });
      expect(await store().getImport(before.importId)).toBeNull();
      expect(await store().getImport(meanwhile.importId)).toBeNull();
    });

    test('that is discarded leaves nothing', async () => {
      const one = newImport();
      const rebuild = await store().beginRebuild();
      await rebuild.project(foldedOf(one));
      await rebuild.discard();
      expect(await store().getImport(one.importId)).toBeNull();
      const { rows } = await database().query("SELECT FROM pg_namespace WHERE nspname = 'tidings_rebuild'");
      expect(rows).toEqual([]);
    });
  });
}
