/** Which rows of a long list stand in the window, or near it. Rows are of one height. */
import { useLayoutEffect, useState } from 'preact/hooks';

/** Up to so many rows are all drawn. */
const MOST_DRAWN = 100;
/** Rows above and below the window that are drawn too. */
const MARGIN_ROWS = 12;

export interface RowRange {
  readonly from: number;
  /** After the last one. */
  readonly to: number;
}

/** Pure. @param top of the list, in px from the top of the window */
export function rangeInWindow(count: number, rowHeight: number, top: number, windowHeight: number): RowRange {
  if (count <= MOST_DRAWN || rowHeight <= 0) return { from: 0, to: count };
  const first = Math.floor(-top / rowHeight) - MARGIN_ROWS;
  const last = Math.ceil((windowHeight - top) / rowHeight) + MARGIN_ROWS;
  const from = Math.min(Math.max(0, first), Math.max(0, count - 1));
  return { from, to: Math.min(count, Math.max(from + 1, last)) };
}

/** @param list its first child is a row */
export function useVisibleRows(list: { readonly current: HTMLElement | null }, count: number): RowRange {
  const [range, setRange] = useState<RowRange>({ from: 0, to: Math.min(count, MOST_DRAWN) });
  useLayoutEffect(() => {
    let frame = 0;
    const measure = (): void => {
      frame = 0;
      const element = list.current;
      const height = element?.firstElementChild?.clientHeight ?? 0;
      if (element === null) return;
      const next = rangeInWindow(count, height, element.getBoundingClientRect().top, innerHeight);
      setRange((known) => (known.from === next.from && known.to === next.to ? known : next));
    };
    const soon = (): void => {
      if (frame === 0) frame = requestAnimationFrame(measure);
    };
    measure();
    addEventListener('scroll', soon, { passive: true });
    addEventListener('resize', soon);
    return () => {
      cancelAnimationFrame(frame);
      removeEventListener('scroll', soon);
      removeEventListener('resize', soon);
    };
  }, [count]);
  return { from: Math.min(range.from, count), to: Math.min(range.to, count) };
}
