/** The page's heading. It takes the focus when it appears in place of another page, so that a reader starts at its top. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

let pagesShown = 0;

export function Heading({ id, children }: { id?: string; children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    pagesShown += 1;
    // The first page keeps the browser's own start, so that the skip link comes first.
    if (pagesShown > 1) heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <h1 id={id} ref={heading} tabIndex={-1}>
      {children}
    </h1>
  );
}
