import type { ContactStore } from '../contact-store.ts';
import type { Database } from '../databases/database.ts';

/** What a suite runs on. All suites share one database, so every test works for an owner of its own. */
export interface Subject {
  database: () => Database;
  store: () => ContactStore;
  /** Random cases of a property that is compared after every step. */
  propertyRuns: number;
}
