/**
 * Support's token comes in the address's fragment, which browsers send to no server. The token moves to the tab's storage and out
 * of the address bar, so that no bookmark and no screenshot shows it.
 */
import { signal } from '@preact/signals';
import { browserStorage } from '../shell/browser-storage.ts';

const KEY = 'tidings.support';
const storage = browserStorage('sessionStorage');

export const supportToken = signal<string | null>(storage.getItem(KEY));

/** Takes the token from the address, if the address holds one. */
export function takeSupportToken(): void {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token === null || token === '') return;
  storage.setItem(KEY, token);
  supportToken.value = token;
  history.replaceState(null, '', location.pathname + location.search);
}
