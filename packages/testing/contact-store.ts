/** Embedded contact stores of tests. */
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import { openEmbeddedContactStore } from '@tidings/contact-store/open-contact-store.ts';
import { afterAll, beforeAll } from 'vitest';
import { copyEmptyContactStore } from './empty-contact-store.ts';
import { makeFolder } from './temporary-folder.ts';

/** One store for all tests of a file, because opening one takes long; each test has an owner of its own. */
export function shareContactStore(): () => ContactStore {
  let store: ContactStore | null = null;
  let folder: Awaited<ReturnType<typeof makeFolder>> | null = null;
  beforeAll(async () => {
    folder = await makeFolder();
    await copyEmptyContactStore(folder.path);
    store = await openEmbeddedContactStore(folder.path);
    // The first file of a machine also makes the template, which takes a minute where everything is busy.
  }, 180_000);
  afterAll(async () => {
    await store?.close();
    await folder?.remove();
  });
  return () => {
    if (store === null) throw new Error('the store is not open before the first test begins');
    return store;
  };
}
