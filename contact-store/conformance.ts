/** The suite that every database under the contact store must pass. */
import { afterAll, beforeAll, describe } from 'vitest';
import { boundsSuite } from './conformance-bounds.ts';
import { bucketRuleSuite } from './conformance-bucket-rule.ts';
import { chunkSuite } from './conformance-chunks.ts';
import { contactsSuite } from './conformance-contacts.ts';
import { faultsSuite } from './conformance-faults.ts';
import { importsSuite } from './conformance-imports.ts';
import { migrationsSuite } from './conformance-migrations.ts';
import type { ContactStore } from './contact-store.ts';
import type { Database } from './database.ts';
import { migrate } from './migrations.ts';
import { createContactStore } from './store.ts';

/** One database for the whole suite: every test works for an owner of its own. */
export interface Subject {
  database: () => Database;
  store: () => ContactStore;
}

/** @param open an empty database, or one that a run before has left */
export function describeContactStore(name: string, open: () => Promise<Database>): void {
  describe(`contact store on ${name}`, () => {
    let database: Database;
    let store: ContactStore;
    beforeAll(async () => {
      database = await open();
      await migrate(database);
      store = createContactStore(database);
    }, 300_000);
    afterAll(() => database.close());

    const subject: Subject = { database: () => database, store: () => store };
    boundsSuite(subject);
    bucketRuleSuite(subject);
    chunkSuite(subject);
    contactsSuite(subject);
    faultsSuite(subject);
    importsSuite(subject);
    migrationsSuite(subject);
  });
}
