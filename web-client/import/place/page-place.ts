/** Our own page as the place where imports are shown: each has an address, and the tab's title tells how far it is. */
import { computed } from '@preact/signals';
import { withOwnerAccess } from '../../following/owner-access.ts';
import { followedImports } from '../../following/this-tab.ts';
import { contactsAddress, importAddress, navigate, route } from '../../router.ts';
import type { ImportPlace } from './place.ts';
import { createUploadLimits } from './upload-limits.ts';

export const pagePlace: ImportPlace = {
  followed: followedImports,
  access: withOwnerAccess,
  limits: createUploadLimits(),
  checking: {},
  shown: computed(() => (route.value.page === 'import' ? route.value.importId : null)),
  show: (importId, replaces) => navigate(addressOf(importId), { replace: replaces }),
  addressOf,
  contactsAddress,
  sampleAddress: '/sample-contacts.csv',
  dropTarget: window,
  // Browsers have notifications in secure contexts alone.
  tellsEnds: typeof Notification !== 'undefined',
  showTitle: (title) => {
    document.title = title;
  },
  tellProblem: () => undefined,
  focusTop: () => document.getElementById('main')?.focus(),
};

function addressOf(importId: string | null): string {
  return importId === null ? '/' : importAddress(importId);
}
