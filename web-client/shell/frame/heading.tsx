/** The page's heading. It takes the focus when its page replaces another one, so that reading starts at the top. */
import type { ComponentChildren, RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

/** Where a page was shown before: in a document, or in an element of its own. */
const shown = new WeakSet<Node>();

export function Heading({ id, children }: { id?: string; children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    const root = heading.current?.getRootNode();
    if (root === undefined) return;
    // On the first page the browser's own focus stays, so that the skip link comes first.
    if (shown.has(root)) focusInSight(heading.current);
    shown.add(root);
  }, []);
  return (
    <h1 id={id} ref={heading} tabIndex={-1}>
      {children}
    </h1>
  );
}

/** Moves the page only where the heading could not be seen: what stands in its place had another length. */
function focusInSight(heading: HTMLElement | null): void {
  heading?.focus({ preventScroll: true });
  if (heading !== null && heading.getBoundingClientRect().top < 0) heading.scrollIntoView({ block: 'start' });
}

/** The next page that is shown there is the first one again. */
export function forgetShown(root: Node): void {
  shown.delete(root);
}

/**
 * Where an element goes away with the focus in it, the focus goes to the page's heading, and not to the body. Where the heading is out of
 * sight, as below a long list, it goes to what stands before the element.
 *
 * @param outcome what tells what has come of it, and has the focus instead where it is there
 */
export function useHeadingAfter(
  element: RefObject<HTMLElement | null>,
  outcome?: RefObject<HTMLElement | null>,
): void {
  useLayoutEffect(
    // Preact calls this before it removes what a component has drawn.
    () => () => {
      const gone = element.current;
      const root = gone?.getRootNode() as Document | ShadowRoot | undefined;
      if (gone === null || root === undefined || !gone.contains(root.activeElement)) return;
      if (outcome?.current) {
        outcome.current.focus();
        return;
      }
      const heading = root.querySelector<HTMLElement>('h1');
      const toHeading = (): void => heading?.focus({ preventScroll: true });
      if (heading !== null && isInSight(heading)) {
        toHeading();
        return;
      }
      lastBefore(gone, root)?.focus({ preventScroll: true });
      // What stood before it may go with it.
      queueMicrotask(() => {
        const { activeElement } = root;
        if (activeElement === null || activeElement === document.body) toHeading();
      });
    },
    [],
  );
}

function isInSight(element: HTMLElement): boolean {
  const { top, bottom } = element.getBoundingClientRect();
  return bottom > 0 && top < innerHeight;
}

/** The last thing before an element that may have the focus. */
function lastBefore(element: HTMLElement, root: Document | ShadowRoot): HTMLElement | undefined {
  const focusable = root.querySelectorAll<HTMLElement>('a[href],button,input,select');
  return [...focusable].findLast(
    (candidate) =>
      (element.compareDocumentPosition(candidate) & Node.DOCUMENT_POSITION_PRECEDING) !== 0 &&
      candidate.getClientRects().length > 0,
  );
}
