import { type Language, spokenLanguages } from '@tidings/contracts/language.ts';
import type { Request } from 'express';

/** What `Accept-Language` prefers of the languages that there are; else the first of them. */
export function acceptedLanguage(request: Request): Language {
  const accepted = request.acceptsLanguages([...spokenLanguages]);
  return spokenLanguages.find((language) => language === accepted) ?? spokenLanguages[0];
}
