/** The words of a page that come with it alone. */
import { useEffect, useState } from 'preact/hooks';
import { type Language, language } from '../../words/format/language.ts';

/**
 * Whether the words of the chosen language are there. A language that is chosen later is spoken once its words are.
 *
 * @param speak fetches the words; never rejects
 */
export function useWords(speak: (language: Language) => Promise<void>): boolean {
  const [speaks, setSpeaks] = useState(false);
  useEffect(() => {
    void speak(language.value).then(() => setSpeaks(true));
  }, [language.value]);
  return speaks;
}
