/** The choice of the pages' language. Each is listed by its own name. */
import { useState } from 'preact/hooks';
import { isLanguage, language, languageNames } from '../../words/format/language.ts';
import { siteWords } from '../../words/words.ts';
import { chooseLanguage } from './speak.ts';

export function LanguageChoice() {
  const [fails, setFails] = useState(false);
  const choose = ({ value }: HTMLSelectElement) => {
    if (!isLanguage(value)) return;
    chooseLanguage(value).then(
      () => setFails(false),
      () => setFails(true),
    );
  };
  return (
    <p class="language">
      <select
        aria-label={siteWords.language}
        value={language.value}
        onChange={({ currentTarget }) => {
          choose(currentTarget);
          // The select shows what the pages speak, also where the words cannot be fetched.
          currentTarget.value = language.value;
        }}
      >
        {Object.entries(languageNames).map(([tag, name]) => (
          <option key={tag} value={tag} lang={tag}>
            {name}
          </option>
        ))}
      </select>
      {fails && <span role="alert">{siteWords.languageNotLoaded}</span>}
    </p>
  );
}
