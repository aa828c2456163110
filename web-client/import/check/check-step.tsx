/** The step between picking a file and importing it: how the file is understood is shown, and settled. Fetched when it is needed. */
import { useEffect, useMemo } from 'preact/hooks';
import { announce } from '../../shell/announcer.ts';
import type { PickedFile } from '../chosen-file.ts';
import { CheckCard } from './check-card.tsx';
import { type Choices, fieldsAsShown } from './choices.ts';
import { createFileCheck, type FileCheckOptions } from './file-check.ts';
import { verdictSentences } from './verdict.tsx';

interface CheckStepProps {
  readonly picked: PickedFile;
  readonly checking: FileCheckOptions;
  readonly onFile: (file: File) => void;
  /** Starts the import that reads the file as it is shown. */
  readonly onStart: (fields: Choices) => void;
}

export default function CheckStep({ picked, checking, onFile, onStart }: CheckStepProps) {
  const check = useMemo(() => createFileCheck(picked, checking), [picked]);
  useEffect(() => {
    check.ask();
    return check.close;
  }, [check]);
  const view = check.view.value;
  const { preview, choices } = view;
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
      onStart={() => onStart(preview === null ? choices : fieldsAsShown(preview, choices))}
    />
  );
}
