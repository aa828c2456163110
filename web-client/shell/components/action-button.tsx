/**
 * A button that goes away with what it does, or that is busy for a while. A disabled button would lose the focus, so it only says
 * that it is disabled; when it goes away, the focus goes to the page's heading.
 */
import type { ComponentChildren, RefObject } from 'preact';
import { useRef } from 'preact/hooks';
import { useHeadingAfter } from '../frame/heading.tsx';

interface ActionButtonProps {
  /** Not called while it is busy. */
  readonly onClick: () => void;
  readonly children: ComponentChildren;
  readonly busy?: boolean;
  readonly danger?: boolean;
  readonly primary?: boolean;
  readonly small?: boolean;
  /** Says more than the words that are seen. */
  readonly label?: string;
  readonly testId?: string;
  /** Has the focus when the button goes away, instead of the heading. */
  readonly outcome?: RefObject<HTMLElement | null>;
}

export function ActionButton(props: ActionButtonProps) {
  const { onClick, children, busy = false, danger = false, primary = false, small = false } = props;
  const button = useRef<HTMLButtonElement>(null);
  useHeadingAfter(button, props.outcome);
  return (
    <button
      ref={button}
      type="button"
      class={`button${danger ? ' is-danger' : ''}${primary ? ' is-primary' : ''}${small ? ' is-small' : ''}`}
      aria-label={props.label}
      aria-disabled={busy}
      onClick={() => {
        if (!busy) onClick();
      }}
      data-testid={props.testId}
    >
      {children}
    </button>
  );
}
