import type { ContactStore } from '../contact-store.ts';
import type { Database } from '../databases/database.ts';

/** What a suite is run on. One database serves all suites, so every test works for an owner of its own. */
export interface Subject {
  database: () => Database;
  store: () => ContactStore;
}
