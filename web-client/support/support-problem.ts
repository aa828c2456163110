/** Why support's pages cannot show or do something, in words. */
import { ChannelError, ProblemError } from '@tidings/client/index.ts';
import { explainError } from '../shell/services/explain.ts';
import type { PageProblem } from '../shell/services/page-problem.ts';
import { sectionWords } from '../words/support-words.ts';

/** Why support's channel, list or order is refused. Whoever is let in no more has a session that has ended, or that was taken back. */
export function explainSupportError(error: unknown): PageProblem {
  return isRefused(error) ? { code: codeOf(error), ...sectionWords.sessionEnded } : explainError(error);
}

/** Why the key of the address is not taken. A key of another kind finds no such route. */
export function explainKeyError(error: unknown): PageProblem {
  const isOther = error instanceof ProblemError && error.status === 404;
  return isOther || isRefused(error)
    ? { code: codeOf(error), ...sectionWords.keyRefused }
    : explainError(error);
}

/** Whether whoever asks is not let in. */
function isRefused(error: unknown): boolean {
  if (error instanceof ChannelError) return !error.retriable;
  return error instanceof ProblemError && error.status === 401;
}

function codeOf(error: unknown): string {
  return error instanceof ChannelError || error instanceof ProblemError ? error.code : 'internal';
}
