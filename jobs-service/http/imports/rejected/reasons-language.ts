/** In which language an answer tells why rows were rejected: the one that is asked for, else what the client prefers, else English. */

import { rowReasons } from '@tidings/contracts/files/row-words/reasons.ts';
import type { RowReasonWords } from '@tidings/contracts/files/row-words/row-words.ts';
import type { Language } from '@tidings/contracts/language.ts';
import type { Request, Response } from 'express';
import { acceptedLanguage } from '../../accepted-language.ts';

/**
 * The words of the reasons, of which the headers of the answer tell the language.
 * @param asked by the address; undefined where it names none
 */
export function reasonsFor(
  asked: Language | undefined,
  request: Request,
  response: Response,
): RowReasonWords {
  const language = asked ?? acceptedLanguage(request);
  response.vary('Accept-Language').set('Content-Language', language);
  return rowReasons[language];
}
