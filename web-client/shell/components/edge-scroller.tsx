/** A box in which a wide table scrolls sideways. A shade at its edge says that there is more. */
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

/** The keyboard must reach a region that scrolls. */
const scrollable = { tabIndex: 0 };

interface EdgeScrollerProps {
  readonly label: string;
  /** How many columns there are: with another number there may be more to see, or nothing more. */
  readonly columns: number;
  readonly children: ComponentChildren;
}

export function EdgeScroller({ label, columns, children }: EdgeScrollerProps) {
  const scroller = useRef<HTMLElement>(null);
  const [hasMore, setHasMore] = useState(false);
  const look = (): void => {
    const { scrollLeft = 0, clientWidth = 0, scrollWidth = 0 } = scroller.current ?? {};
    // A part of a pixel may be left at the end.
    setHasMore(Math.abs(scrollLeft) + clientWidth < scrollWidth - 1);
  };
  useLayoutEffect(() => {
    const observer = new ResizeObserver(look);
    if (scroller.current !== null) observer.observe(scroller.current);
    return () => observer.disconnect();
  }, [columns]);
  return (
    <div class={hasMore ? 'edge has-more' : 'edge'}>
      <section class="scroller" aria-label={label} {...scrollable} ref={scroller} onScroll={look}>
        {children}
      </section>
    </div>
  );
}
