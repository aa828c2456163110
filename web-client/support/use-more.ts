/** What somebody has asked for more of: how much has come is read out, and reading goes on at the first of it. */
import type { RefObject } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';
import { announce } from '../shell/frame/announcer.ts';
import { formatCount } from '../words/format/format.ts';
import { storyWords } from '../words/support-words.ts';

export interface ShownList {
  /** Of each child of the list, in order; null for one that does not come of asking for more. */
  readonly keys: readonly (string | null)[];
  /** How many there are: a child may stand for several. */
  readonly count: number;
  readonly hasMore: boolean;
}

interface Asked {
  /** What was shown when somebody asked. */
  readonly before: ShownList;
  /** Whether the answer is awaited: until it is there, the list grows by itself. */
  readonly isOpen: boolean;
  readonly isAnswered: boolean;
}

/**
 * @param list whose children are what is shown
 * @returns to be called where somebody asks, with a promise of the answer where the list may also grow by itself
 */
export function useMore(
  list: RefObject<HTMLElement | null>,
  shown: ShownList,
): (answer?: Promise<unknown>) => void {
  const [asked, setAsked] = useState<Asked | null>(null);
  useLayoutEffect(() => {
    if (asked === null || asked.isOpen) return;
    const { before, isAnswered } = asked;
    const hasCome = shown.count > before.count || !shown.hasMore;
    if (!hasCome && !isAnswered) return;
    setAsked(null);
    if (!hasCome) return;
    announce(storyWords.moreShown(formatCount(Math.max(0, shown.count - before.count))));
    if (list.current !== null) focusChild(list.current, readOnAt(before, shown));
  }, [asked, shown.count, shown.hasMore]);
  return (answer) => {
    const mine: Asked = { before: shown, isOpen: answer !== undefined, isAnswered: false };
    setAsked(mine);
    const close = (): void =>
      setAsked((current) => (current === mine ? { ...mine, isOpen: false, isAnswered: true } : current));
    answer?.then(close, close);
  };
}

/** The index of the first child that is new, or of the last one where that has grown; -1 where nothing has come. */
export function readOnAt(before: ShownList, shown: ShownList): number {
  const known = new Set(before.keys);
  const first = shown.keys.findIndex((key) => key !== null && !known.has(key));
  if (first !== -1 || shown.count <= before.count) return first;
  return shown.keys.findLastIndex((key) => key !== null);
}

/** A choice is none: the focus of a button that has gone may stand on it. */
const TYPED_IN = 'textarea,input:not([type=checkbox],[type=radio])';

function focusChild(list: HTMLElement, index: number): void {
  const child = list.children[index];
  const { activeElement } = list.getRootNode() as Document | ShadowRoot;
  // Who types somewhere else by now goes on there.
  if (!(child instanceof HTMLElement) || activeElement?.matches(TYPED_IN)) return;
  child.tabIndex = -1;
  child.focus();
}
