/** Follows an import of a list for as long as it is wanted. */
import { useEffect, useState } from 'preact/hooks';
import type { FollowedImport } from '../../following/followed/followed-import.ts';
import type { ImportActions } from './import-actions.ts';

/** @returns null before, and where this browser has no token of its channel */
export function useFollowed(
  importId: string,
  follow: ImportActions['follow'],
  isWanted: boolean,
): FollowedImport | null {
  const [followed, setFollowed] = useState<FollowedImport | null>(null);
  useEffect(() => {
    if (!isWanted) return undefined;
    const { followed: found, leave } = follow(importId);
    setFollowed(found);
    return leave;
  }, [importId, isWanted]);
  return followed;
}
