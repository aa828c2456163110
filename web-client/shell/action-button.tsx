/**
 * A button that goes away with what it does, or that is busy for a while. A disabled button would lose the focus, so it only says
 * that it is disabled; when it goes away, the focus goes to the page's heading.
 */
import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import { useHeadingAfter } from './heading.tsx';

interface ActionButtonProps {
  /** Not called while it is busy. */
  readonly onClick: () => void;
  readonly children: ComponentChildren;
  readonly busy?: boolean;
  readonly danger?: boolean;
  readonly primary?: boolean;
  readonly testId?: string;
}

export function ActionButton(props: ActionButtonProps) {
  const { onClick, children, busy = false, danger = false, primary = false, testId } = props;
  const button = useRef<HTMLButtonElement>(null);
  useHeadingAfter(button);
  return (
    <button
      ref={button}
      type="button"
      class={`button${danger ? ' is-danger' : ''}${primary ? ' is-primary' : ''}`}
      aria-disabled={busy}
      onClick={() => {
        if (!busy) onClick();
      }}
      data-testid={testId}
    >
      {children}
    </button>
  );
}
