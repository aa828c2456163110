/**
 * An order of support: a button, and in its place the question, what it means in numbers, and the reason that the audit keeps. How it
 * went is said where the button was, and read out.
 */
import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { ActionButton } from '../shell/components/action-button.tsx';
import { AskingButton } from '../shell/components/asking-button.tsx';
import { ProblemNote } from '../shell/components/problem-note.tsx';
import { announce } from '../shell/frame/announcer.ts';
import { useHeadingAfter } from '../shell/frame/heading.tsx';
import type { PageProblem } from '../shell/services/page-problem.ts';
import { orderWords } from '../words/support-words.ts';
import { explainSupportError } from './support-problem.ts';

/** Characters of a reason, at most, as the server takes it. */
const MAX_REASON = 500;

interface OrderProps {
  readonly label: string;
  readonly question: string;
  /** What the button says that gives the order; default: the label. */
  readonly yes?: string;
  /** What the order does, in numbers. */
  readonly children: ComponentChildren;
  /** Resolves with what is to be said. */
  readonly act: (reason: string) => Promise<string>;
  readonly danger?: boolean;
  readonly small?: boolean;
  readonly isDisabled?: boolean;
  /** Id of the element that names what it acts on. */
  readonly of?: string;
  readonly testId: string;
}

export function OrderForm(props: OrderProps) {
  const { label, danger, small, isDisabled, of, testId } = props;
  return (
    <AskingButton
      {...{ label, danger, small, isDisabled, of, testId }}
      question={(close) => <OrderQuestion {...props} onClose={close} />}
    />
  );
}

function OrderQuestion({
  label,
  question,
  yes = label,
  children,
  act,
  danger = false,
  of,
  testId,
  onClose,
}: OrderProps & { readonly onClose: () => void }) {
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [isMissing, setMissing] = useState(false);
  const [problem, setProblem] = useState<PageProblem | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const form = useRef<HTMLFormElement>(null);
  const id = useId();
  useHeadingAfter(form);
  useLayoutEffect(() => field.current?.focus(), []);
  const run = (): void => {
    const given = reason.trim();
    setMissing(given === '');
    if (given === '') {
      field.current?.focus();
      return;
    }
    setBusy(true);
    setProblem(null);
    act(given).then(
      (outcome) => {
        announce(outcome);
        onClose();
      },
      (error: unknown) => {
        setBusy(false);
        setProblem(explainSupportError(error));
      },
    );
  };
  return (
    <form
      ref={form}
      class="callout order"
      aria-labelledby={`${id}-question${of === undefined ? '' : ` ${of}`}`}
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) run();
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && !busy) onClose();
      }}
      data-testid={`${testId}-question`}
    >
      <p id={`${id}-question`}>
        <strong>{question}</strong>
      </p>
      <div id={`${id}-meaning`}>{children}</div>
      <label class="order-reason">
        {orderWords.reason}
        <input
          ref={field}
          value={reason}
          maxLength={MAX_REASON}
          aria-describedby={isMissing ? `${id}-missing ${id}-meaning` : `${id}-meaning`}
          aria-invalid={isMissing || undefined}
          onInput={({ currentTarget }) => {
            setReason(currentTarget.value);
            setMissing(false);
          }}
          data-testid="order-reason"
        />
      </label>
      {isMissing && (
        <p id={`${id}-missing`} class="field-error" role="alert">
          {orderWords.missing}
        </p>
      )}
      {problem !== null && <ProblemNote problem={problem} />}
      <p class="actions">
        <ActionButton danger={danger} busy={busy} onClick={run} testId={`${testId}-yes`}>
          {yes}
        </ActionButton>
        <ActionButton busy={busy} onClick={onClose}>
          {orderWords.leave}
        </ActionButton>
      </p>
    </form>
  );
}
