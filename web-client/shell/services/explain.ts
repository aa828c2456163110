/** Errors of every kind as problems that a page shows. */
import { ChannelError, type ErrorCode, ProblemError } from '@tidings/client/index.ts';
import { type ProblemCode, problemKinds } from '@tidings/contracts/codes.ts';
import { problemTitles, problemWords } from '../../words/words.ts';
import type { PageProblem } from './page-problem.ts';
import { TOKEN_LIFE_MS } from './token-life.ts';

/** Codes with which a hub answers a token that does not open its channel. */
const tokenCodes: ReadonlySet<ErrorCode> = new Set(['token_expired', 'token_invalid', 'not_found']);

export function explainError(error: unknown): PageProblem {
  if (error instanceof ProblemError) {
    if (error.code === 'network') return networkProblem();
    if (error.code === 'file_unreadable') return unreadableProblem();
    if (error.code === 'token_missing') return signedOutProblem();
    const { status, code, message, line, field, retriable } = error;
    return {
      code,
      title: titleOf(code),
      detail: message,
      detailLanguage: status === 0 ? undefined : 'en',
      line,
      field,
      retriable,
    };
  }
  if (error instanceof ChannelError) {
    const { code, message, retriable } = error;
    if (code === 'token_missing') return signedOutProblem();
    if (tokenCodes.has(code))
      return {
        code,
        title: problemWords.importToken.title,
        detail: problemWords.importToken.detail(TOKEN_LIFE_MS),
      };
    return { code, title: titleOf(code), detail: message, detailLanguage: 'en', retriable };
  }
  return { code: 'internal', title: titleOf('internal'), detail: problemWords.internalDetail };
}

function titleOf(code: string): string {
  return code in problemKinds ? problemTitles[code as ProblemCode] : problemWords.unknownTitle;
}

/** Only where people sign in does a page come without a token. */
function signedOutProblem(): PageProblem {
  return { code: 'token_missing', ...problemWords.signedOut };
}

export function networkProblem(): PageProblem {
  return { code: 'network', ...problemWords.network, retriable: true };
}

/** The connection was lost during the upload. Only the channel can tell what has become of the import. */
export function brokenUploadProblem(): PageProblem {
  return { code: 'network', ...problemWords.brokenUpload, retriable: true };
}

export function severalFilesProblem(): PageProblem {
  return { code: 'several_files', ...problemWords.severalFiles };
}

export function emptyProblem(): PageProblem {
  return { code: 'file_empty', title: titleOf('file_empty'), detail: problemWords.emptyDetail };
}

/** @param kind what the file is, as it is recognised by its first bytes, in English */
export function notTextProblem(kind: string): PageProblem {
  return { code: 'not_csv', title: titleOf('not_csv'), detail: kind, detailLanguage: 'en' };
}

export function unreadableProblem(): PageProblem {
  return { code: 'unreadable', ...problemWords.unreadable };
}

/** @param mostBytes what the server accepts */
export function tooLargeProblem(mostBytes: number): PageProblem {
  return {
    code: 'file_too_large',
    title: titleOf('file_too_large'),
    detail: problemWords.tooLarge(mostBytes),
  };
}
