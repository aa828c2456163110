/** A file as it is understood: how it is read, what would become of it, its columns, its first rows. */
import './check.css';
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { ActionButton } from '../../shell/components/action-button.tsx';
import { FileInput } from '../../shell/components/file-input.tsx';
import { ProblemNote } from '../../shell/components/problem-note.tsx';
import { formatBytes } from '../../words/format/format.ts';
import { sentenceGap } from '../../words/format/sentences.ts';
import { checkWords, startWords } from '../../words/words.ts';
import type { Choices } from './choices.ts';
import { ColumnList } from './column-list.tsx';
import type { CheckView } from './file-check.ts';
import { FirstRows } from './first-rows.tsx';
import { Questions } from './questions.tsx';
import { ReadingBar } from './reading-bar.tsx';
import { VerdictBox } from './verdict.tsx';

interface CheckCardProps {
  readonly file: Pick<File, 'name' | 'size'>;
  readonly view: CheckView;
  readonly onChoose: (choices: Choices) => void;
  readonly onAskAgain: () => void;
  readonly onStart: () => void;
  readonly onFile: (file: File) => void;
  /** What stands below the questions about how the file is read. */
  readonly children?: ComponentChildren;
}

export function CheckCard({ file, view, onChoose, onAskAgain, onStart, onFile, children }: CheckCardProps) {
  const { preview, choices, phase, problem } = view;
  const title = useRef<HTMLHeadingElement>(null);
  // Before the next key can come: reading goes on here, and the first choice is one step away.
  useLayoutEffect(() => title.current?.focus({ preventScroll: true }), [file]);
  const isCurrent = phase === 'answered' && problem === null;
  return (
    <section class="card check" aria-labelledby="check-title" aria-busy={phase === 'asking'}>
      <header class="check-head">
        <h2 id="check-title" class="file-name" tabIndex={-1} ref={title}>
          {file.name}
        </h2>
        <p class="soft">
          {preview === null ? formatBytes(file.size) : checkWords.file(file.size, preview.columns.length)}
        </p>
      </header>
      {phase === 'waiting' && <Unreachable onAskAgain={onAskAgain} onStart={onStart} />}
      {problem !== null && (
        <ProblemNote problem={problem}>
          {problem.code === 'token_missing' ? <AskAgain onAskAgain={onAskAgain} /> : undefined}
        </ProblemNote>
      )}
      {preview === null ? (
        <div class="check-end">
          {phase === 'asking' && (
            <p class="soft" role="status">
              {checkWords.reading}
            </p>
          )}
          <p class="actions">
            <FileInput label={startWords.chooseAnotherFile} primary={problem !== null} onFile={onFile} />
          </p>
        </div>
      ) : (
        <div class={isCurrent ? 'check-body' : 'check-body is-old'} data-testid="preview">
          <ReadingBar preview={preview} choices={choices} onChoose={onChoose} />
          <Questions preview={preview} choices={choices} onChoose={onChoose} />
          {children}
          <VerdictBox
            preview={preview}
            choices={choices}
            isCurrent={isCurrent}
            isAsking={phase === 'asking'}
            onChoose={onChoose}
            onStart={onStart}
          >
            <FileInput label={startWords.chooseAnotherFile} onFile={onFile} />
          </VerdictBox>
          <ColumnList preview={preview} choices={choices} onChoose={onChoose} />
          <FirstRows preview={preview} />
        </div>
      )}
    </section>
  );
}

function Unreachable({ onAskAgain, onStart }: Pick<CheckCardProps, 'onAskAgain' | 'onStart'>) {
  const { title, detail } = checkWords.unreachable;
  return (
    <div class="callout is-warn" role="status" data-testid="check-waits">
      <p>
        <strong>{title}</strong>
        {sentenceGap()}
        {detail}
      </p>
      <p class="actions">
        <AskAgain onAskAgain={onAskAgain} />
        <ActionButton onClick={onStart} testId="start-unchecked">
          {checkWords.unchecked}
        </ActionButton>
      </p>
    </div>
  );
}

function AskAgain({ onAskAgain }: Pick<CheckCardProps, 'onAskAgain'>) {
  return (
    <ActionButton onClick={onAskAgain} testId="check-again">
      {checkWords.unreachable.tryNow}
    </ActionButton>
  );
}
