/** The step between picking a file and importing it: how the file is understood is shown, and settled. Fetched when it is needed. */
import type { UploadFields } from '@tidings/contracts/http.ts';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { announce } from '../../shell/announcer.ts';
import type { PageProblem } from '../../shell/page-problem.ts';
import type { PickedFile } from '../chosen-file.ts';
import { usePlace } from '../place.ts';
import { CheckCard } from './check-card.tsx';
import { type Choices, fieldsAsShown } from './choices.ts';
import { createFileCheck } from './file-check.ts';
import { MendsQuestion } from './mends-question.tsx';
import { verdictSentences } from './verdict.tsx';

/** What a person has settled before the import. */
export type CheckedFields = Choices & Pick<UploadFields, 'mends'>;

interface CheckStepProps {
  readonly picked: PickedFile;
  readonly onFile: (file: File) => void;
  /** Starts the import that reads the file as it is shown. */
  readonly onStart: (fields: CheckedFields) => void;
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
  const [mends, setMends] = useState<string | null>(null);
  const start = (): void => {
    const fields = preview === null ? choices : fieldsAsShown(preview, choices);
    onStart(mends === null ? fields : { ...fields, mends });
  };
  useEffect(() => {
    if (preview !== null) announce(verdictSentences(preview).join(' '));
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
        <MendsQuestion key={picked.file.name} fileName={picked.file.name} onMends={setMends} />
      )}
    </CheckCard>
  );
}
