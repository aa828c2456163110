/** What somebody has asked for more of: how much has come is read out, and reading goes on at the first of it. */
import type { RefObject } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';
import { announce } from '../shell/announcer.ts';
import { formatCount } from '../words/format/format.ts';
import { storyWords } from '../words/support-words.ts';

/**
 * @param list whose children are what is shown
 * @param shown how many there are
 * @param hasMore whether there are more than are shown
 * @returns to be called where somebody asks
 */
export function useMore(list: RefObject<HTMLElement | null>, shown: number, hasMore: boolean): () => void {
  const [before, setBefore] = useState<number | null>(null);
  useLayoutEffect(() => {
    if (before === null || (shown <= before && hasMore)) return;
    announce(storyWords.moreShown(formatCount(Math.max(0, shown - before))));
    const first = list.current?.children[before];
    if (first instanceof HTMLElement) {
      first.tabIndex = -1;
      first.focus();
    }
    setBefore(null);
  }, [before, shown, hasMore]);
  return () => setBefore(shown);
}
