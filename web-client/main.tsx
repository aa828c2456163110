/** The pages' entry. */
import './shell/styles/theme.css';
import './shell/styles/base.css';
import './shell/styles/pieces.css';
import { render } from 'preact';
import { App } from './app.tsx';
import { startRouter } from './router.ts';
import { keepDoubleClicks } from './shell/browser/double-clicks.ts';
import { speakPreferredLanguage } from './shell/frame/speak.ts';
import { followOtherTabs, takeSupportKey } from './support/support-key.ts';

takeSupportKey();
followOtherTabs();
addEventListener('hashchange', takeSupportKey);
startRouter();
keepDoubleClicks(document);
const root = document.getElementById('app');
if (root !== null) void speakPreferredLanguage().then(() => render(<App />, root));
