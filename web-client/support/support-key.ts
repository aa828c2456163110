/**
 * Support's key, given in the address's fragment, which no server ever sees. It moves to the tab's own storage and out of
 * the address bar, so that it is in no bookmark and no screenshot.
 */
import { signal } from '@preact/signals';
import { browserStorage } from '../shell/browser-storage.ts';

const KEY = 'tidings.support';
const storage = browserStorage('sessionStorage');

export const supportKey = signal<string | null>(storage.getItem(KEY));

/** Takes the key from the address, if it stands there. */
export function takeSupportKey(): void {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token === null || token === '') return;
  storage.setItem(KEY, token);
  supportKey.value = token;
  history.replaceState(null, '', location.pathname + location.search);
}
