/** The rows of a long table, in blocks: one that is far from what is seen stands as a blank row of the height that it had. Rows may differ in height. */
import type { ComponentChildren, RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

/** Pixels of a row that was never drawn. */
const ROW_PIXELS = 48;
/** Pixels above and below the box that scrolls within which a block is drawn: the focus moves on into it. */
const NEAR_PIXELS = 800;

interface RowBlocksProps<Item> {
  /** Those that are shown, among all that the table has had: a row stays in its block, whichever others come and go. */
  readonly rows: readonly Item[];
  /** Of a row among all that the table has had, from 0; no row has a smaller one than those above it. */
  readonly placeOf: (row: Item) => number;
  /** Places of a block; always the same. */
  readonly size: number;
  /** Cells of a row. */
  readonly cells: number;
  /** @param index of the row among those that are shown, from 0 */
  readonly draw: (row: Item, index: number) => ComponentChildren;
}

/**
 * Gives places to the rows that have none: behind all others, or the place of the row above to one that comes between two that are there.
 * @param rows in the order in which they are shown
 */
export function givePlaces(places: Map<number, number>, rows: readonly number[]): void {
  const lastKnown = rows.findLastIndex((row) => places.has(row));
  let next = 0;
  for (const place of places.values()) next = Math.max(next, place + 1);
  let above = 0;
  for (const [index, row] of rows.entries()) {
    const place = places.get(row) ?? (index > lastKnown ? next++ : above);
    places.set(row, place);
    above = place;
  }
}

/** Stands within a `table`, whose next section around it scrolls. */
export function RowBlocks<Item>({ rows, placeOf, size, cells, draw }: RowBlocksProps<Item>) {
  const blocks = new Map<number, Shown<Item>[]>();
  for (const [index, row] of rows.entries()) {
    const block = Math.floor(placeOf(row) / size);
    const others = blocks.get(block);
    if (others === undefined) blocks.set(block, [{ row, index }]);
    else others.push({ row, index });
  }
  const [first] = blocks.keys();
  return (
    <>
      {[...blocks].map(([block, shown]) => (
        <Block key={block} shown={shown} isFirst={block === first} cells={cells} draw={draw} />
      ))}
    </>
  );
}

interface Shown<Item> {
  readonly row: Item;
  readonly index: number;
}

interface BlockProps<Item> extends Pick<RowBlocksProps<Item>, 'cells' | 'draw'> {
  readonly shown: readonly Shown<Item>[];
  readonly isFirst: boolean;
}

function Block<Item>({ shown, isFirst, cells, draw }: BlockProps<Item>) {
  const body = useRef<HTMLTableSectionElement>(null);
  const height = useRef(shown.length * ROW_PIXELS);
  const isNear = useNear(body, height, isFirst);
  return (
    <tbody ref={body}>
      {isNear ? (
        shown.map(({ row, index }) => draw(row, index))
      ) : (
        <tr>
          <td colSpan={cells} style={{ height: `${height.current}px` }} />
        </tr>
      )}
    </tbody>
  );
}

/** @param height what it had when it was drawn last, in px */
function useNear(
  body: RefObject<HTMLElement | null>,
  height: { current: number },
  atFirst: boolean,
): boolean {
  const [isNear, setNear] = useState(atFirst);
  useEffect(() => {
    const element = body.current;
    if (element === null) return undefined;
    const observer = new IntersectionObserver(
      (entries) => {
        const isSeen = entries.at(-1)?.isIntersecting ?? true;
        // The cell in which somebody writes stays, wherever it is scrolled to.
        if (!isSeen && element.matches(':focus-within')) return;
        if (!isSeen) height.current = element.offsetHeight;
        setNear(isSeen);
      },
      { root: element.closest('section'), rootMargin: `${NEAR_PIXELS}px 0px` },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return isNear;
}
