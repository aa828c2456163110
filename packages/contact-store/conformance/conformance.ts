/** The suite that every database under the contact store must pass. */
import { afterAll, beforeAll, describe } from 'vitest';
import type { ContactStore } from '../contact-store.ts';
import type { Database } from '../databases/database.ts';
import { migrate } from '../databases/migrations.ts';
import { createContactStore } from '../open-contact-store.ts';
import { boundsSuite } from './bounds.ts';
import { bucketRuleSuite } from './bucket-rule.ts';
import { chunkSuite } from './chunks.ts';
import { contactsSuite } from './contacts.ts';
import { droppedAgainSuite } from './dropped-again.ts';
import { faultsSuite } from './faults.ts';
import { gatesSuite } from './gates.ts';
import { importsSuite } from './imports.ts';
import { migrationsSuite } from './migrations.ts';
import { rebuildSuite } from './rebuilds.ts';
import { retentionSuite } from './retention.ts';
import { searchSuite } from './search.ts';
import { spellingsSuite } from './spellings.ts';
import type { Subject } from './subject.ts';
import { undoSuite } from './undo.ts';
import { undoPropertySuite } from './undo-property.ts';

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
