import type { ImportActions } from './import-actions.ts';
import type { ImportPlace } from './place.ts';

/** Follows imports beside the one that is shown. */
export function followIn({
  followed,
  shown,
}: Pick<ImportPlace, 'followed' | 'shown'>): ImportActions['follow'] {
  return (importId) => ({
    followed: followed.find(importId),
    leave: () => {
      // The page may be about to show that very import.
      if (shown.peek() !== importId) followed.leave(importId);
    },
  });
}
