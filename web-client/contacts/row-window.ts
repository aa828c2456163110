/** Draws those rows of a long table alone that are near the part of the page that is seen. */
import type { RefObject } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

/** Rows from which on a table is long. */
const LONG = 200;
/** Pixels of a row before one was measured. */
const ROW_PIXELS = 48;
/** Rows that are drawn before and behind those that are seen: the focus moves on among them. */
const BEYOND = 30;

export interface RowWindow {
  readonly body: RefObject<HTMLTableSectionElement | null>;
  /** The rows that are drawn: from the first, and before the last. */
  readonly first: number;
  readonly last: number;
  /** Pixels of the rows before and behind these. */
  readonly before: number;
  readonly behind: number;
}

export function useRowWindow(rows: number): RowWindow {
  const body = useRef<HTMLTableSectionElement>(null);
  const height = useRef(ROW_PIXELS);
  const [seen, setSeen] = useState({ first: 0, last: LONG });
  const isLong = rows > LONG;
  useLayoutEffect(() => {
    if (!isLong) return undefined;
    const look = (): void => {
      const table = body.current;
      if (table === null) return;
      height.current =
        table.querySelector('tr:not(.is-space)')?.getBoundingClientRect().height || height.current;
      const above = -table.getBoundingClientRect().top / height.current;
      const first = Math.max(0, Math.floor(above) - BEYOND);
      const last = Math.min(rows, Math.ceil(above + innerHeight / height.current) + BEYOND);
      // Moves by steps, so that not every pixel draws the table anew.
      setSeen((now) =>
        Math.abs(now.first - first) < BEYOND / 3 && Math.abs(now.last - last) < BEYOND / 3
          ? now
          : { first, last },
      );
    };
    look();
    addEventListener('scroll', look, { passive: true });
    addEventListener('resize', look);
    return () => {
      removeEventListener('scroll', look);
      removeEventListener('resize', look);
    };
  }, [isLong, rows]);
  const first = isLong ? Math.min(seen.first, rows - 1) : 0;
  const last = isLong ? Math.min(Math.max(seen.last, first + 1), rows) : rows;
  return { body, first, last, before: first * height.current, behind: (rows - last) * height.current };
}
