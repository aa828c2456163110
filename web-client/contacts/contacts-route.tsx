/** The contacts page with the real services behind it. */
import { createSupportApi } from '@tidings/client/support.ts';
import { useMemo } from 'preact/hooks';
import { withOwnerAccess } from '../following/owner-access.ts';
import type { EarlierApi } from '../import/earlier/earlier-imports.ts';
import { saveBlob } from '../shell/browser/save-blob.ts';
import { useWords } from '../shell/frame/use-words.ts';
import { explainError } from '../shell/services/explain.ts';
import { speakContacts } from '../words/contacts-words.ts';
import { siteWords } from '../words/words.ts';
import type { ContactsApi } from './contacts-list.ts';
import { ContactsPage } from './contacts-page.tsx';
import { fetchContactsCsv } from './fetch-contacts-csv.ts';

function apiOf(importId: string | null): ContactsApi {
  return {
    list: (query, cursor, signal, sort) =>
      withOwnerAccess((access) =>
        access.listContacts({
          query,
          sort,
          cursor: cursor ?? undefined,
          import: importId ?? undefined,
          signal,
        }),
      ),
    update: (id, patch, version) =>
      withOwnerAccess((_api, token) =>
        createSupportApi({ token: () => token }).patchContactVersion(id, patch, version),
      ),
    remove: (id) => withOwnerAccess((access) => access.deleteContact(id)),
    duplicates: (cursor) =>
      withOwnerAccess((_api, token) =>
        createSupportApi({ token: () => token }).listDuplicates({ cursor: cursor ?? undefined, limit: 10 }),
      ),
    read: (id) => withOwnerAccess((access) => access.getContact(id)),
    countries: () =>
      withOwnerAccess(async (_api, token) => {
        const { items } = await createSupportApi({ token: () => token }).listCountries();
        return new Map(items.map(({ code, name }) => [code, name]));
      }),
  };
}

const imports: EarlierApi = {
  list: (query) => withOwnerAccess((access) => access.listImports(query)),
  get: (id, signal) => withOwnerAccess((access) => access.getImport(id, signal)),
};

export default function ContactsRoute({ importId }: { importId: string | null }) {
  const api = useMemo(() => apiOf(importId), [importId]);
  if (!useWords(speakContacts)) return <p class="soft">{siteWords.loading}</p>;
  return (
    <ContactsPage
      {...{ api, explain: explainError, importId, imports }}
      onExport={async (query) => {
        saveBlob(await fetchContactsCsv(withOwnerAccess, { query, importId }), 'contacts.csv');
      }}
    />
  );
}
