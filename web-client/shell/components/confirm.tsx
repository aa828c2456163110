/** An action that asks before it is done: a button, and in its place the question, where the focus then is. */
import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useHeadingAfter } from '../frame/heading.tsx';
import { explainError } from '../services/explain.ts';
import type { PageProblem } from '../services/page-problem.ts';
import { ActionButton } from './action-button.tsx';
import { AskingButton } from './asking-button.tsx';
import { ProblemNote } from './problem-note.tsx';

interface ConfirmProps {
  readonly label: string;
  readonly question: string;
  /** What the action does. */
  readonly children: ComponentChildren;
  readonly yes: string;
  readonly no: string;
  readonly act: () => Promise<void>;
  readonly danger?: boolean;
  readonly small?: boolean;
  /** Id of the element that names what it acts on. */
  readonly of?: string;
  readonly testId: string;
}

export function Confirm(props: ConfirmProps) {
  const { label, question, children, yes, no, act, danger, small, of, testId } = props;
  return (
    <AskingButton
      label={label}
      danger={danger}
      small={small}
      of={of}
      testId={testId}
      question={(close) => (
        <Question {...{ question, yes, no, act, of, testId }} onNo={close}>
          {children}
        </Question>
      )}
    />
  );
}

interface QuestionProps
  extends Pick<ConfirmProps, 'question' | 'children' | 'yes' | 'no' | 'act' | 'of' | 'testId'> {
  readonly onNo: () => void;
}

/** The question alone, for what a press of a button is not the only way to. It has the focus while it is shown. */
export function Question({ question, children, yes, no, act, of, onNo, testId }: QuestionProps) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<PageProblem | null>(null);
  const group = useRef<HTMLFieldSetElement>(null);
  const id = useId();
  useHeadingAfter(group);
  useLayoutEffect(() => group.current?.focus(), []);
  const run = (): void => {
    setBusy(true);
    setProblem(null);
    act().then(onNo, (error: unknown) => {
      setBusy(false);
      setProblem(explainError(error));
    });
  };
  return (
    // The question is read out because it names the group that gets the focus.
    <fieldset
      ref={group}
      class="callout confirm"
      tabIndex={-1}
      aria-labelledby={`${id}-question${of === undefined ? '' : ` ${of}`}`}
      aria-describedby={`${id}-meaning`}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        // The question alone goes away, and not a dialog around it.
        event.preventDefault();
        if (!busy) onNo();
      }}
      data-testid={`${testId}-question`}
    >
      <p id={`${id}-question`}>
        <strong>{question}</strong>
      </p>
      <p id={`${id}-meaning`}>{children}</p>
      {problem !== null && <ProblemNote problem={problem} />}
      <p class="actions">
        <ActionButton danger busy={busy} onClick={run}>
          {yes}
        </ActionButton>
        <ActionButton busy={busy} onClick={onNo}>
          {no}
        </ActionButton>
      </p>
    </fieldset>
  );
}
