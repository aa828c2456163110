/** An embedded contact store for all tests of a file. */
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import { openEmbeddedContactStore } from '@tidings/contact-store/open-contact-store.ts';
import { afterAll, beforeAll } from 'vitest';

/** One store for all tests of a file, because opening one takes seconds; each test has an owner of its own. */
export function shareContactStore(): () => ContactStore {
  let store: ContactStore | null = null;
  beforeAll(async () => {
    store = await openEmbeddedContactStore('memory');
  }, 60_000);
  afterAll(() => store?.close());
  return () => {
    if (store === null) throw new Error('the store is not open before the first test begins');
    return store;
  };
}
