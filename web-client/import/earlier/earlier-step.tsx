/** The earlier imports with the real services behind them. Fetched when the page is idle. */
import { useEffect, useMemo } from 'preact/hooks';
import { useReturn } from '../../shell/browser/use-return.ts';
import { followIn } from '../place/follow-in.ts';
import { usePlace } from '../place/place.ts';
import { createEarlierImports, type EarlierApi } from './earlier-imports.ts';
import { EarlierList } from './earlier-list.tsx';
import type { UnsentImport } from './unlisted-items.tsx';

export default function EarlierStep({ unsent }: { unsent: readonly UnsentImport[] }) {
  const place = usePlace();
  const { followed, access } = place;
  const earlier = useMemo(() => {
    const api: EarlierApi = {
      list: (query) => access((owned) => owned.listImports(query)),
      get: (importId, signal) => access((owned) => owned.getImport(importId, signal)),
    };
    const isLookedAt = () => document.visibilityState === 'visible';
    return createEarlierImports(api, { onStates: followed.note, isLookedAt });
  }, [followed, access]);
  const remembered = followed.recent.value;
  // An import that got its id meanwhile, here or in another tab, is one more of the server's.
  const ids = remembered.map(({ importId }) => importId).join();
  useEffect(earlier.refresh, [earlier, ids]);
  useEffect(() => earlier.close, [earlier]);
  useReturn(earlier.refresh);
  return (
    <EarlierList
      view={earlier.view.value}
      remembered={remembered}
      unsent={unsent}
      follow={followIn(place)}
      onMore={() => void earlier.more()}
      onAskAgain={earlier.refresh}
    />
  );
}
