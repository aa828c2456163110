/** The token by which the pages of this browser read what its owner has: contacts, and imports of any browser. */
import { createWebStorage } from '@tidings/client/index.ts';
import { browserStorage } from '../shell/browser/browser-storage.ts';
import { createAccess } from './access/access.ts';
import { followedImports } from './this-tab.ts';

const storage = createWebStorage(browserStorage('localStorage'), 'tidings.access');

export const withOwnerAccess = createAccess({ storage, otherToken: followedImports.newestToken });
