/** The imports that this tab follows, joined to the browser: its storage, its addresses, its question before leaving. */
import { route } from '../router.ts';
import { browserStorage } from '../shell/browser/browser-storage.ts';
import { createFollowedImports } from './followed/followed-imports.ts';
import { guardLeaving } from './followed/leave-guard.ts';

export const followedImports = createFollowedImports({ storage: browserStorage('localStorage') });

// Every new address leaves the import without an id; once it has an id, its own address shows it.
route.subscribe(() => {
  followedImports.shownUnsent.value = null;
});

// Another tab has changed what is remembered.
addEventListener('storage', followedImports.readRecent);

guardLeaving(followedImports);
