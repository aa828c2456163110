/** The step between picking a file and importing it: how the file is understood is shown, and settled. Fetched when it is needed. */
import { useEffect, useMemo } from 'preact/hooks';
import { announce } from '../../shell/frame/announcer.ts';
import type { PageProblem } from '../../shell/services/page-problem.ts';
import { usePlace } from '../place/place.ts';
import { CheckCard } from './check-card.tsx';
import { type Choices, fieldsAsShown } from './choices.ts';
import type { PickedFile } from './chosen-file.ts';
import { createFileCheck } from './file-check.ts';
import { MendsQuestion } from './mends-question.tsx';
import { spokenVerdict } from './verdict.tsx';

interface CheckStepProps {
  readonly picked: PickedFile;
  readonly onFile: (file: File) => void;
  /** Starts the import that reads the file as it is shown. */
  readonly onStart: (fields: Choices) => void;
}

export default function CheckStep({ picked, onFile, onStart }: CheckStepProps) {
  const { checking, tellProblem } = usePlace();
  const check = useMemo(() => {
    const onProblem = (problem: PageProblem) => tellProblem(problem, picked.file.name);
    return createFileCheck(picked, { ...checking, onProblem });
  }, [picked]);
  useEffect(() => {
    check.ask();
    return check.close;
  }, [check]);
  const view = check.view.value;
  const { preview, choices } = view;
  const start = (): void => onStart(preview === null ? choices : fieldsAsShown(preview, choices));
  /** The server tells how many rows of the import the file has. */
  const choose = (importId: string | null): void => {
    const { mends, ...others } = check.view.peek().choices;
    if (importId !== (mends ?? null))
      check.choose(importId === null ? others : { ...others, mends: importId });
  };
  useEffect(() => {
    if (preview !== null) announce(spokenVerdict(preview));
  }, [preview]);
  return (
    <CheckCard
      file={picked.file}
      view={view}
      onChoose={check.choose}
      onAskAgain={check.ask}
      onFile={onFile}
      onStart={start}
    >
      {preview?.isRejectedExport && (
        <MendsQuestion
          key={picked.file.name}
          fileName={picked.file.name}
          mends={choices.mends ?? null}
          mended={preview.mends}
          onMends={choose}
        />
      )}
    </CheckCard>
  );
}
