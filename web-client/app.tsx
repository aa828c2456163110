/** The pages, by address. */
import { useEffect } from 'preact/hooks';
import { ImportPage } from './import/import-page.tsx';
import { pagePlace } from './import/place/page-place.ts';
import { PlaceContext } from './import/place/place.ts';
import { type Route, route } from './router.ts';
import { Marked } from './shell/components/marked.tsx';
import { Heading } from './shell/frame/heading.tsx';
import { lazyPage } from './shell/frame/lazy.tsx';
import { Shell } from './shell/frame/shell.tsx';
import { hasSession, supportKey } from './support/support-key.ts';
import { language } from './words/format/language.ts';
import { documentTitles, siteWords } from './words/words.ts';

const ContactsRoute = lazyPage(() => import('./contacts/contacts-route.tsx'));
const SupportRoute = lazyPage(() => import('./support/support-route.tsx'));
const WebhooksRoute = lazyPage(() => import('./webhooks/webhooks-route.tsx'));

export function App() {
  const { page } = route.value;
  useEffect(() => {
    // The import page has a title for each of its states, and support's for each of its parts.
    if (page !== 'import' && page !== 'support') document.title = documentTitles[page];
  }, [page, language.value]);
  return (
    <Shell page={page} showSupport={hasSession.value || supportKey.value !== null || page === 'support'}>
      <CurrentPage current={route.value} />
    </Shell>
  );
}

function CurrentPage({ current }: { current: Route }) {
  switch (current.page) {
    case 'import':
      return (
        <PlaceContext.Provider value={pagePlace}>
          <ImportPage importId={current.importId} />
        </PlaceContext.Provider>
      );
    case 'contacts':
      return <ContactsRoute key={current.importId} importId={current.importId} />;
    case 'support':
      return <SupportRoute place={current.place} search={current.search} />;
    case 'webhooks':
      return <WebhooksRoute />;
    case 'unknown':
      return <UnknownPage />;
  }
}

function UnknownPage() {
  const { title, detail, start } = siteWords.unknownPage;
  return (
    <>
      <Heading>{title}</Heading>
      <p class="lead">
        <Marked text={detail} slots={{ start: <a href="/">{start}</a> }} />
      </p>
    </>
  );
}
