/** The pages, by address. */
import { useEffect } from 'preact/hooks';
import { ImportPage } from './import/import-page.tsx';
import { type Route, route } from './router.ts';
import { Heading } from './shell/heading.tsx';
import { lazyPage } from './shell/lazy.tsx';
import { Shell } from './shell/shell.tsx';
import { supportKey } from './support/support-key.ts';

const ContactsRoute = lazyPage(() => import('./contacts/contacts-route.tsx'));
const SupportRoute = lazyPage(() => import('./support/support-route.tsx'));

const titles: Partial<Record<Route['page'], string>> = {
  contacts: 'Contacts – Tidings',
  support: 'All imports – Tidings',
  unknown: 'Not found – Tidings',
};

export function App() {
  const { page } = route.value;
  useEffect(() => {
    const title = titles[page];
    if (title !== undefined) document.title = title;
  }, [page]);
  return (
    <Shell page={page} showSupport={supportKey.value !== null || page === 'support'}>
      <CurrentPage current={route.value} />
    </Shell>
  );
}

function CurrentPage({ current }: { current: Route }) {
  switch (current.page) {
    case 'import':
      return <ImportPage importId={current.importId} />;
    case 'contacts':
      return <ContactsRoute />;
    case 'support':
      return <SupportRoute token={supportKey.value} />;
    case 'unknown':
      return (
        <>
          <Heading>There is no such page</Heading>
          <p class="lead">
            Perhaps the address was cut short. <a href="/">Import contacts</a> is a good place to start.
          </p>
        </>
      );
  }
}
