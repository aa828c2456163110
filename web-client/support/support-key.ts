/**
 * Support's key comes in the address's fragment, which browsers send to no server. The key moves to the tab's storage and out
 * of the address bar, so that no bookmark and no screenshot shows it.
 */
import { signal } from '@preact/signals';
import { browserStorage } from '../shell/browser-storage.ts';

const KEY = 'tidings.support';
const storage = browserStorage('sessionStorage');

export const supportKey = signal<string | null>(storage.getItem(KEY));

/** Takes the key from the address, if the address holds one. */
export function takeSupportKey(): void {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token === null || token === '') return;
  storage.setItem(KEY, token);
  supportKey.value = token;
  history.replaceState(null, '', location.pathname + location.search);
}
