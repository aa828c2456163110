/** The contacts page with the real services behind it. */
import { createWebStorage } from '@tidings/client/index.ts';
import { followedImports } from '../following/this-tab.ts';
import { browserStorage } from '../shell/browser-storage.ts';
import { explainError } from '../shell/explain.ts';
import { createAccess } from './access.ts';
import type { ContactsApi } from './contacts-list.ts';
import { ContactsPage } from './contacts-page.tsx';

const withAccess = createAccess({
  storage: createWebStorage(browserStorage('localStorage'), 'tidings.access'),
  otherToken: followedImports.newestToken,
});

const api: ContactsApi = {
  list: (query, cursor, signal) =>
    withAccess((access) => access.listContacts({ query, cursor: cursor ?? undefined, signal })),
  update: (id, patch) => withAccess((access) => access.patchContact(id, patch)),
  remove: (id) => withAccess((access) => access.deleteContact(id)),
};

export default function ContactsRoute() {
  return <ContactsPage api={api} explain={explainError} />;
}
