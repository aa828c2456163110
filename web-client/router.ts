/** The pages' addresses. One document serves them all, so that a running upload survives a look at another page. */
import { computed, signal } from '@preact/signals';

export type Route =
  | { readonly page: 'import'; readonly importId: string | null }
  | { readonly page: 'contacts'; readonly importId: string | null }
  /** `place`: the rest of the path, such as `/imports/{id}`; '' for the list. */
  | { readonly page: 'support'; readonly place: string; readonly search: string }
  | { readonly page: 'webhooks' }
  | { readonly page: 'unknown' };

/** `/webhooks` is an address of the API, which another service answers. */
export const WEBHOOKS_ADDRESS = '/settings/webhooks';

export function parseRoute(pathname: string, search: string): Route {
  const path = pathname.length > 1 ? pathname.replace(/\/+$/, '') : pathname;
  const given = new URLSearchParams(search).get('import');
  const importId = given === '' ? null : given;
  if (path === '/contacts') return { page: 'contacts', importId };
  if (path === '/support' || path.startsWith('/support/'))
    return { page: 'support', place: path.slice('/support'.length), search };
  if (path === WEBHOOKS_ADDRESS) return { page: 'webhooks' };
  if (path !== '/') return { page: 'unknown' };
  return { page: 'import', importId };
}

export function importAddress(importId: string): string {
  return `/?import=${encodeURIComponent(importId)}`;
}

/** The contacts that an import has created or found. */
export function contactsAddress(importId: string): string {
  return `/contacts?import=${encodeURIComponent(importId)}`;
}

const address = signal(readAddress());

export const route = computed(() => parseRoute(address.value.pathname, address.value.search));

function readAddress(): { pathname: string; search: string } {
  return typeof location === 'undefined'
    ? { pathname: '/', search: '' }
    : { pathname: location.pathname, search: location.search };
}

/** Goes to an address of this site; `replace` leaves no step to go back to. */
export function navigate(to: string, options: { replace?: boolean } = {}): void {
  if (options.replace === true) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  address.value = readAddress();
}

/** Takes over plain clicks on links of this site, and the browser's back and forward. */
export function startRouter(): void {
  addEventListener('popstate', () => {
    const next = readAddress();
    // A fragment alone leads to a place on the same page.
    const { pathname, search } = address.peek();
    if (next.pathname !== pathname || next.search !== search) address.value = next;
  });
  document.addEventListener('click', (event) => {
    const to = linkTarget(event);
    if (to === null) return;
    event.preventDefault();
    navigate(to);
    scrollTo(0, 0);
  });
}

function linkTarget(event: MouseEvent): string | null {
  if (event.defaultPrevented || event.button !== 0) return null;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return null;
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (link === null || link.target !== '' || link.hasAttribute('download')) return null;
  if (link.origin !== location.origin || link.hash !== '') return null;
  return parseRoute(link.pathname, link.search).page === 'unknown' ? null : link.pathname + link.search;
}
