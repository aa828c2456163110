/**
 * A page speaks English until the words of its language are there, and shows nothing before. So the document's answer names their file:
 * the browser fetches it together with the script that would else ask for it a round of the network later.
 *
 * Who has chosen another language than the browser's fetches one file in vain, 9 KB once a release, and has it from the cache then. The
 * server could tell by a cookie alone, by which every document would vary.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { spokenLanguages } from '@tidings/contracts/language.ts';
import type { Request, Response } from 'express';
import { acceptedLanguage } from './accepted-language.ts';

/** What the build says of its files. */
type Manifest = Readonly<Record<string, { readonly file: string; readonly name?: string }>>;

/**
 * The caller tells that the answer varies with `Accept-Language`.
 * @param directory of the built pages. Where they tell nothing of their files, no answer names one
 */
export function earlyWords(directory: string): (request: Request, response: Response) => void {
  const path = join(directory, '.vite', 'manifest.json');
  const manifest: Manifest = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
  const files = new Map(Object.values(manifest).map(({ name, file }) => [name, file]));
  const links = new Map(
    spokenLanguages.flatMap((language) => {
      const file = files.get(`words-${language}`);
      return file === undefined ? [] : [[language, `</${file}>; rel=modulepreload`] as const];
    }),
  );
  return (request, response) => {
    const link = links.get(acceptedLanguage(request));
    if (link !== undefined) response.set('Link', link);
  };
}
