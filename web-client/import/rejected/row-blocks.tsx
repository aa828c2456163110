/** The rows of a long table, in blocks: one that is far from what is seen stands as a blank row of the height that it had. Rows may differ in height. */
import type { ComponentChildren, RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

/** Pixels of a row that was never drawn. */
const ROW_PIXELS = 48;
/** Pixels above and below the box that scrolls within which a block is drawn: the focus moves on into it. */
const NEAR_PIXELS = 800;

interface RowBlocksProps<Item> {
  readonly rows: readonly Item[];
  /** Rows of a block. */
  readonly size: number;
  /** Cells of a row. */
  readonly cells: number;
  /** @param index of the row, from 0 */
  readonly draw: (row: Item, index: number) => ComponentChildren;
}

/** Stands within a `table`, whose next section around it scrolls. */
export function RowBlocks<Item>({ rows, size, cells, draw }: RowBlocksProps<Item>) {
  const firsts = Array.from({ length: Math.ceil(rows.length / size) }, (_, block) => block * size);
  return (
    <>
      {firsts.map((first) => (
        <Block key={first} rows={rows.slice(first, first + size)} first={first} cells={cells} draw={draw} />
      ))}
    </>
  );
}

interface BlockProps<Item> extends Omit<RowBlocksProps<Item>, 'size'> {
  /** Index of its first row. */
  readonly first: number;
}

function Block<Item>({ rows, first, cells, draw }: BlockProps<Item>) {
  const body = useRef<HTMLTableSectionElement>(null);
  const height = useRef(rows.length * ROW_PIXELS);
  const isNear = useNear(body, height, first === 0);
  return (
    <tbody ref={body}>
      {isNear ? (
        rows.map((row, index) => draw(row, first + index))
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
