/** What tabs and bookmarks call the parts of support's pages. */
import {
  auditWords,
  blockedWords,
  healthWords,
  letterWords,
  listWords,
  webhookWords,
} from '../words/support-words.ts';
import { siteWords, titled } from '../words/words.ts';

/** The import whose story stands at a place of support's pages; undefined for any other place. */
export function storyAt(place: string): string | undefined {
  return /^\/imports\/([\w-]+)$/.exec(place)?.[1];
}

/** null: a story, which has the name of its file. @param place the rest of the path: '' for the list */
export function supportTitle(place: string): string | null {
  if (storyAt(place) !== undefined) return null;
  const headings: Readonly<Record<string, string>> = {
    '': listWords.title,
    '/services': healthWords.title,
    '/dead-letters': letterWords.title,
    '/blocked': blockedWords.title,
    '/webhooks': titledSupport(webhookWords.title),
    '/audit': auditWords.title,
  };
  return titled(Object.hasOwn(headings, place) ? (headings[place] ?? '') : siteWords.unknownPage.title);
}

/** An owner's page has the same heading. */
function titledSupport(heading: string): string {
  return `${heading} – ${siteWords.pages.support}`;
}
