/** The contacts page with the real service behind it. */

import { explainError } from '../shell/explain.ts';
import { withAccess } from './access.ts';
import type { ContactsApi } from './contacts-list.ts';
import { ContactsPage } from './contacts-page.tsx';

const api: ContactsApi = {
  list: (query, cursor, signal) =>
    withAccess((access) => access.listContacts({ query, cursor: cursor ?? undefined, signal })),
  update: (id, patch) => withAccess((access) => access.patchContact(id, patch)),
  remove: (id) => withAccess((access) => access.deleteContact(id)),
};

export default function ContactsRoute() {
  return <ContactsPage api={api} explain={explainError} />;
}
