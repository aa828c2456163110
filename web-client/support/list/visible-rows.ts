/** Which rows of a long list are drawn: those in the window or near it, and not too many new ones at once. Rows are of one height. */
import { useLayoutEffect, useMemo, useState } from 'preact/hooks';

/** Up to so many rows are all drawn. */
const MOST_DRAWN = 100;
/** Rows above and below the window that are drawn too. */
const MARGIN_ROWS = 12;
/** Rows that a frame adds, at most: no task of the page is long, however far somebody scrolls at once. */
const MOST_ADDED = 5;

export interface RowRange {
  readonly from: number;
  /** After the last one. */
  readonly to: number;
}

/** Pure. @param top of the list, in px from the top of the window */
export function rangeInWindow(
  count: number,
  rowHeight: number,
  top: number,
  windowHeight: number,
  margin = MARGIN_ROWS,
): RowRange {
  if (rowHeight <= 0) return { from: 0, to: count };
  const first = Math.floor(-top / rowHeight) - margin;
  const last = Math.ceil((windowHeight - top) / rowHeight) + margin;
  const from = Math.min(Math.max(0, first), Math.max(0, count - 1));
  return { from, to: Math.min(count, Math.max(from + 1, last)) };
}

export interface WantedRows {
  /** Rows in the window. */
  readonly seen: RowRange;
  /** All that are to be drawn, `seen` among them. */
  readonly near: RowRange;
}

/**
 * Pure. The rows to draw next: what is no longer near goes, and at most `most` rows come, those in the window first. Rows that are near and
 * have a gap to the window go too: closing the gap would come before the window.
 */
export function growRange(drawn: RowRange, { seen, near }: WantedRows, most: number): RowRange {
  const kept = { from: Math.max(drawn.from, near.from), to: Math.min(drawn.to, near.to) };
  const touches = kept.from < kept.to && kept.from <= seen.to && kept.to >= seen.from;
  let { from, to } = touches ? kept : { from: seen.from, to: seen.from };
  let left = most;
  for (const goal of [seen, near]) {
    const below = Math.min(left, Math.max(0, goal.to - to));
    const above = Math.min(left - below, Math.max(0, from - goal.from));
    to += below;
    from -= above;
    left -= below + above;
  }
  return { from, to };
}

/** @param list as high as all of its rows */
export function useVisibleRows(list: { readonly current: HTMLElement | null }, count: number): RowRange {
  const [drawn, setDrawn] = useState<RowRange>({ from: 0, to: Math.min(count, MOST_ADDED) });
  const growing = useMemo(() => createGrowing(drawn, setDrawn), []);
  useLayoutEffect(() => {
    const look = (): boolean => {
      const element = list.current;
      if (element === null || count === 0) return false;
      growing.want(wantedRows(count, element.clientHeight / count, element.getBoundingClientRect().top));
      return true;
    };
    // Browsers tell of scrolling before a frame's drawing begins: reading places then lays nothing out twice.
    const lookAndGrow = (): void => {
      if (look()) growing.grow();
    };
    look();
    addEventListener('scroll', lookAndGrow, { passive: true });
    addEventListener('resize', lookAndGrow);
    return () => {
      removeEventListener('scroll', lookAndGrow);
      removeEventListener('resize', lookAndGrow);
    };
  }, [count]);
  useLayoutEffect(() => growing.stop, []);
  return { from: Math.min(drawn.from, count), to: Math.min(drawn.to, count) };
}

/** Leads what is drawn to what is wanted, once a frame. */
function createGrowing(first: RowRange, onDrawn: (drawn: RowRange) => void) {
  let drawn = first;
  let wanted: WantedRows = { seen: first, near: first };
  let frame = 0;
  const growLater = (): void => {
    const isWhole = drawn.from === wanted.near.from && drawn.to === wanted.near.to;
    if (!isWhole && frame === 0) frame = requestAnimationFrame(grow);
  };
  const grow = (): void => {
    cancelAnimationFrame(frame);
    frame = 0;
    const next = growRange(drawn, wanted, MOST_ADDED);
    const isSame = drawn.from === next.from && drawn.to === next.to;
    drawn = next;
    if (!isSame) onDrawn(next);
    growLater();
  };
  return {
    want: (next: WantedRows): void => {
      wanted = next;
      growLater();
    },
    grow,
    stop: () => cancelAnimationFrame(frame),
  };
}

function wantedRows(count: number, rowHeight: number, top: number): WantedRows {
  const seen = rangeInWindow(count, rowHeight, top, innerHeight, 0);
  const near =
    count <= MOST_DRAWN ? { from: 0, to: count } : rangeInWindow(count, rowHeight, top, innerHeight);
  return { seen, near };
}
