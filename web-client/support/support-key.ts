/**
 * Support's key comes in the address's fragment, which browsers send to no server. It leaves the address bar at once, so that no bookmark
 * and no screenshot shows it, and waits in the tab's storage until support's page has exchanged it for a session, which every tab shares.
 */
import { signal } from '@preact/signals';
import { browserStorage } from '../shell/browser/browser-storage.ts';

const KEY = 'tidings.support';
/** Says that this browser has a session: no script can see the cookie that it is in. */
const MARK = 'open';
const ofTab = browserStorage('sessionStorage');
const ofBrowser = browserStorage('localStorage');

/** The key that is still to be exchanged. */
export const supportKey = signal<string | null>(ofTab.getItem(KEY));
export const hasSession = signal(ofBrowser.getItem(KEY) === MARK);

/** Takes the key from the address, if the address holds one. */
export function takeSupportKey(): void {
  const key = new URLSearchParams(location.hash.slice(1)).get('token');
  if (key === null || key === '') return;
  ofTab.setItem(KEY, key);
  supportKey.value = key;
  history.replaceState(null, '', location.pathname + location.search);
}

/** A tab that somebody has left open shows nothing once support has signed out in another one. */
export function followOtherTabs(): void {
  addEventListener('storage', ({ key, newValue, storageArea }) => {
    // Without a key the whole storage was emptied.
    if ((key === KEY || key === null) && storageArea === localStorage) hasSession.value = newValue === MARK;
  });
}

/** The key was exchanged for a session, or refused. */
export function forgetKey(isExchanged: boolean): void {
  ofTab.removeItem(KEY);
  supportKey.value = null;
  if (isExchanged) ofBrowser.setItem(KEY, MARK);
  if (isExchanged) hasSession.value = true;
}

/** The session has ended. */
export function forgetSession(): void {
  ofBrowser.removeItem(KEY);
  hasSession.value = false;
}
