/** The frame of every page: skip link, navigation, main part and live region. */
import type { ComponentChildren } from 'preact';
import { WEBHOOKS_ADDRESS } from '../../router.ts';
import { siteWords } from '../../words/words.ts';
import { announcement } from './announcer.ts';
import { LanguageChoice } from './language-choice.tsx';

export type PageName = 'import' | 'contacts' | 'support' | 'webhooks' | 'unknown';

interface ShellProps {
  readonly page: PageName;
  /** The support page is linked only for people who hold support's token. */
  readonly showSupport: boolean;
  readonly children: ComponentChildren;
}

export function Shell({ page, showSupport, children }: ShellProps) {
  const links: ['import' | 'contacts' | 'support', string][] = [
    ['import', '/'],
    ['contacts', '/contacts'],
  ];
  if (showSupport) links.push(['support', '/support']);
  return (
    <div class={page === 'support' || page === 'contacts' ? 'shell is-wide' : 'shell'}>
      <a class="skip" href="#main">
        {siteWords.skip}
      </a>
      <header class="top">
        <a class="brand" href="/">
          <Mark />
          {siteWords.name}
        </a>
        <nav aria-label={siteWords.navigation}>
          <ul>
            {links.map(([name, href]) => (
              <li key={name}>
                <a href={href} aria-current={page === name ? 'page' : undefined}>
                  {siteWords.pages[name]}
                </a>
              </li>
            ))}
          </ul>
        </nav>
      </header>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      <footer class="foot">
        <LanguageChoice />
        <a href={WEBHOOKS_ADDRESS} aria-current={page === 'webhooks' ? 'page' : undefined}>
          {siteWords.pages.webhooks}
        </a>
      </footer>
      <p class="unseen" aria-live="polite" data-testid="announcer">
        {announcement}
      </p>
    </div>
  );
}

/** The logo: a T whose crossbar is a bucket bar. */
function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect class="mark-a" x="3" y="5" width="14" height="7" rx="2" />
      <rect class="mark-b" x="18.5" y="5" width="6.5" height="7" rx="2" />
      <rect class="mark-c" x="26.5" y="5" width="3" height="7" rx="1.5" />
      <rect class="mark-a" x="12.5" y="14" width="7" height="14" rx="2" />
    </svg>
  );
}
