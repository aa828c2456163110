/** Errors of every kind as words for the page. */
import { ChannelError, ProblemError } from '@tidings/client/index.ts';
import { type ProblemCode, problemKinds } from '@tidings/contracts/codes.ts';
import { CsvError } from '@tidings/csv/errors.ts';
import type { PageProblem } from './page-problem.ts';

/** What a channel answers to a key that does not open it. */
const keyCodes: ReadonlySet<string> = new Set(['token_expired', 'token_invalid', 'not_found']);
const keyProblem =
  'The key that this browser holds does not open it any more. Keys are valid for seven days.';

export function explainError(error: unknown): PageProblem {
  if (error instanceof ProblemError) {
    if (error.code === 'network') return networkProblem;
    const { code, message, line, retriable } = error;
    return { code, title: titleOf(code), detail: message, line, retriable };
  }
  if (error instanceof CsvError) {
    return { code: error.code, title: titleOf(error.code), detail: error.message, line: error.line };
  }
  if (error instanceof ChannelError) {
    const { code, message, retriable } = error;
    if (!keyCodes.has(code)) return { code, title: titleOf(code), detail: message, retriable };
    return { code, title: 'This import cannot be watched from here', detail: keyProblem };
  }
  return { code: 'internal', title: titleOf('internal'), detail: 'Please reload the page and try again.' };
}

/** Why support's channel or list is refused. */
export function explainSupportError(error: unknown): PageProblem {
  const refused = error instanceof ChannelError || (error instanceof ProblemError && error.status === 401);
  if (!refused) return explainError(error);
  return {
    code: error.code,
    title: 'This support key is not valid',
    detail: 'Open the address of the support page again as the server prints it when it starts.',
  };
}

function titleOf(code: string): string {
  return code in problemKinds ? problemKinds[code as ProblemCode].title : 'That did not work';
}

export const networkProblem: PageProblem = {
  code: 'network',
  title: 'The server cannot be reached',
  detail: 'Please check the connection and try again.',
  retriable: true,
};

/** The connection went away under the upload: what has become of the import only its channel can tell. */
export const brokenUploadProblem: PageProblem = {
  code: 'network',
  title: 'The upload broke off',
  detail:
    'The connection to the server was lost while the file was on its way. Rows that were already imported stay; when the file is sent again, they count as unchanged.',
  retriable: true,
};

export const severalFilesProblem: PageProblem = {
  code: 'several_files',
  title: 'One file at a time, please',
  detail: 'Each file is an import of its own. Drop the first one; the next can follow while it runs.',
};

export const tooLargeProblem: PageProblem = {
  code: 'file_too_large',
  title: titleOf('file_too_large'),
  detail: 'Up to 1 GiB can be imported at once. Please split the file; each part needs the header row.',
};

export const unreadableProblem: PageProblem = {
  code: 'unreadable',
  title: 'The file could not be read',
  detail: 'Perhaps it is a folder, or it was moved or changed since it was chosen. Please choose it again.',
};
