/**
 * A button that gives way to its question, and takes the focus back when the question goes. The focus moves with the drawing, because
 * the next key may come at once.
 */
import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useHeadingAfter } from '../frame/heading.tsx';

interface AskingButtonProps {
  readonly label: string;
  readonly danger?: boolean;
  readonly small?: boolean;
  readonly isDisabled?: boolean;
  /** Id of the element that names what it acts on, where several have the same words: it stands in the name of the button. */
  readonly of?: string;
  readonly testId: string;
  /** Stands in the place of the button, and has the focus, until it calls `close`. */
  readonly question: (close: () => void) => ComponentChildren;
}

export function AskingButton(props: AskingButtonProps) {
  const { label, danger = false, small = false, isDisabled = false, of, testId, question } = props;
  const id = useId();
  const [asking, setAsking] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const returns = useRef(false);
  useHeadingAfter(opener);
  useLayoutEffect(() => {
    if (!asking && returns.current) opener.current?.focus();
    returns.current = asking;
  }, [asking]);
  if (asking) return question(() => setAsking(false));
  return (
    <button
      ref={opener}
      id={id}
      type="button"
      class={`button${danger ? ' is-danger' : ''}${small ? ' is-small' : ''}`}
      aria-disabled={isDisabled || undefined}
      aria-labelledby={of && `${id} ${of}`}
      onClick={() => !isDisabled && setAsking(true)}
      data-testid={testId}
    >
      {label}
    </button>
  );
}
