/** The page's heading. It takes the focus when its page replaces another one, so that reading starts at the top. */
import type { ComponentChildren, RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

let pagesShown = 0;

export function Heading({ id, children }: { id?: string; children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    pagesShown += 1;
    // On the first page the browser's own focus stays, so that the skip link comes first.
    if (pagesShown > 1) heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <h1 id={id} ref={heading} tabIndex={-1}>
      {children}
    </h1>
  );
}

/** Where an element goes away with the focus in it, the focus goes to the page's heading, and not to the body. */
export function useHeadingAfter(element: RefObject<HTMLElement | null>): void {
  useLayoutEffect(
    // Preact calls this before it removes what a component has drawn.
    () => () => {
      if (element.current?.contains(document.activeElement))
        document.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
    },
    [],
  );
}
