/** The suite that every database under the contact store must pass. */
import { afterAll, beforeAll, describe } from 'vitest';
import type { ContactStore } from '../contact-store.ts';
import type { Database } from '../databases/database.ts';
import { migrate } from '../databases/migrations.ts';
import { createContactStore } from '../open-contact-store.ts';
import type { Subject } from './subject.ts';
import { boundsSuite } from './suites/bounds.ts';
import { bucketRuleSuite } from './suites/bucket-rule.ts';
import { chunkSuite } from './suites/chunks.ts';
import { contactsSuite } from './suites/contacts.ts';
import { droppedAgainSuite } from './suites/dropped-again.ts';
import { faultsSuite } from './suites/faults.ts';
import { gatesSuite } from './suites/gates.ts';
import { importsSuite } from './suites/imports.ts';
import { migrationsSuite } from './suites/migrations.ts';
import { rebuildSuite } from './suites/rebuilds.ts';
import { retentionSuite } from './suites/retention.ts';
import { searchSuite } from './suites/search.ts';
import { spellingsSuite } from './suites/spellings.ts';
import { undoSuite } from './suites/undo.ts';
import { undoPropertySuite } from './suites/undo-property.ts';

/**
 * @param open opens an empty database, or one that an earlier run has left
 * @param propertyRuns see `Subject`
 */
export function describeContactStore(
  name: string,
  open: () => Promise<Database>,
  propertyRuns: number,
): void {
  describe(`contact store on ${name}`, () => {
    let database: Database;
    let store: ContactStore;
    beforeAll(async () => {
      database = await open();
      await migrate(database);
      store = createContactStore(database);
    }, 300_000);
    afterAll(() => database.close());

    const subject: Subject = { database: () => database, store: () => store, propertyRuns };
    boundsSuite(subject);
    bucketRuleSuite(subject);
    chunkSuite(subject);
    contactsSuite(subject);
    droppedAgainSuite(subject);
    faultsSuite(subject);
    gatesSuite(subject);
    importsSuite(subject);
    migrationsSuite(subject);
    undoPropertySuite(subject);
    undoSuite(subject);
    rebuildSuite(subject);
    retentionSuite(subject);
    searchSuite(subject);
    spellingsSuite(subject);
  });
}
