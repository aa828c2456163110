/** Codes of what has happened to an import, in words. A code of a later release is shown as it is. */
import { wordsOfCode } from '../../words/format/known.ts';
import { auditWords, storyWords } from '../../words/support-words.ts';
import { statusWords } from '../../words/words.ts';

/** What the owner was told: a status, or something of its own. @param type of a notification */
export function toldWords(type: string): string {
  return wordsOfCode({ ...statusWords, ...storyWords.toldOf }, type.slice('import.'.length));
}

/** What somebody has ordered. @param action of the audit */
export function orderedWords(action: string): string {
  return wordsOfCode({ ...auditWords.actions, ...storyWords.actions }, action);
}
