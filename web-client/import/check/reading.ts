/** What each part of the check gets: how the file is read, and a way to read it otherwise. */
import type { ImportPreview, PreviewProblem } from '@tidings/contracts/files/preview.ts';
import type { Choices } from './choices.ts';

export interface ReadingProps {
  readonly preview: ImportPreview;
  readonly choices: Choices;
  readonly onChoose: (choices: Choices) => void;
}

/** Whether an import as it is shown would be refused. */
export function mustBeAnswered({ problems }: ImportPreview): boolean {
  return problems.length > 0;
}

export function hasProblem({ problems }: ImportPreview, code: PreviewProblem['code']): boolean {
  return problems.some((problem) => problem.code === code);
}
