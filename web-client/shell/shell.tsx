/** What surrounds every page: the way past the navigation, the navigation, the live region. */
import type { ComponentChildren } from 'preact';
import { announcement } from './announcer.ts';

export type PageName = 'import' | 'contacts' | 'support' | 'unknown';

interface ShellProps {
  readonly page: PageName;
  /** Support's page is named only to those who hold its key. */
  readonly showSupport: boolean;
  readonly children: ComponentChildren;
}

export function Shell({ page, showSupport, children }: ShellProps) {
  const links: [PageName, string, string][] = [
    ['import', '/', 'Import'],
    ['contacts', '/contacts', 'Contacts'],
  ];
  if (showSupport) links.push(['support', '/support', 'Support']);
  return (
    <div class={page === 'support' || page === 'contacts' ? 'shell is-wide' : 'shell'}>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <header class="top">
        <a class="brand" href="/">
          <Mark />
          Tidings
        </a>
        <nav aria-label="Pages">
          <ul>
            {links.map(([name, href, text]) => (
              <li key={name}>
                <a href={href} aria-current={page === name ? 'page' : undefined}>
                  {text}
                </a>
              </li>
            ))}
          </ul>
        </nav>
      </header>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      <p class="unseen" aria-live="polite" data-testid="announcer">
        {announcement}
      </p>
    </div>
  );
}

/** A T whose bar is a bar of buckets. */
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
