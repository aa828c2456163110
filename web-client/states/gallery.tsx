/** Every state of the pages by name, without a server, to look at during the work on the pages. No part of the build. */
import '../shell/styles/theme.css';
import '../shell/styles/base.css';
import '../shell/styles/pieces.css';
import { render } from 'preact';
import { pagePlace } from '../import/place/page-place.ts';
import { PlaceContext } from '../import/place/place.ts';
import { type PageName, Shell } from '../shell/frame/shell.tsx';
import { speakPreferredLanguage } from '../shell/frame/speak.ts';
import { speakContacts } from '../words/contacts-words.ts';
import { language } from '../words/format/language.ts';
import { speakSupport } from '../words/support-words.ts';
import { checkStates } from './check-states.tsx';
import { contactsStates } from './contacts-states.tsx';
import { endedStates } from './ended-states.tsx';
import { runStates } from './run-states.tsx';
import type { PageStates } from './samples.tsx';
import { servicesPageStates } from './services-states.tsx';
import { startStates } from './start-states.tsx';
import { storyStates } from './story-states.tsx';
import { supportPageStates } from './support-states.tsx';
import { webhooksStates } from './webhooks-states.tsx';

const pages: readonly (readonly [PageName, PageStates])[] = [
  ['import', { ...startStates, ...checkStates, ...runStates, ...endedStates }],
  ['contacts', contactsStates],
  ['webhooks', webhooksStates],
  ['support', { ...supportPageStates, ...storyStates, ...servicesPageStates }],
];

function StateIndex() {
  return (
    <ul>
      {pages.flatMap(([page, states]) =>
        Object.keys(states).map((name) => (
          <li key={name}>
            <a href={`/states/gallery.html?show=${name}`} data-page={page}>
              {name}
            </a>
          </li>
        )),
      )}
    </ul>
  );
}

function Gallery({ name }: { name: string }) {
  for (const [page, states] of pages) {
    const draw = states[name];
    if (draw !== undefined) {
      return (
        <Shell page={page} showSupport={page === 'support'}>
          <PlaceContext.Provider value={pagePlace}>{draw()}</PlaceContext.Provider>
        </Shell>
      );
    }
  }
  return <StateIndex />;
}

const root = document.getElementById('app');
if (root !== null) {
  const draw = (): void => {
    const name = new URLSearchParams(location.search).get('show') ?? '';
    render(<Gallery key={name} name={name} />, root);
  };
  void speakPreferredLanguage()
    .then(() => Promise.all([speakContacts(language.value), speakSupport(language.value)]))
    .then(draw);
  // Whoever looks at many states goes from one to the next without loading the gallery again.
  addEventListener('popstate', draw);
}
