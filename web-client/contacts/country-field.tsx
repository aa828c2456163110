/** The country of a contact, chosen from those that the server knows, by their names in the reader's language. */
import { useMemo } from 'preact/hooks';
import { contactDialogWords } from '../words/contacts-words.ts';
import { countriesByName } from '../words/format/countries.ts';
import { language } from '../words/format/language.ts';

interface CountryFieldProps {
  readonly id: string;
  readonly name: string;
  /** ISO 3166-1 alpha-2, or ''. */
  readonly value: string;
  /** Names by code; null while the server has not told them. */
  readonly known: ReadonlyMap<string, string> | null;
  readonly inert: boolean;
  readonly 'aria-invalid': true | undefined;
  readonly 'aria-describedby': string | undefined;
  readonly onInput: (() => void) | undefined;
}

export function CountryField({ value, known, ...field }: CountryFieldProps) {
  const countries = useMemo(() => countriesByName(language.value, known), [language.value, known]);
  // A country that was taken out of the table stays what it is until somebody changes it.
  const isListed = value === '' || countries.some(([code]) => code === value);
  return (
    <select {...field}>
      <option key="" value="" selected={value === ''}>
        {contactDialogWords.noCountry}
      </option>
      {!isListed && (
        <option key={value} value={value} selected>
          {value}
        </option>
      )}
      {countries.map(([code, country]) => (
        <option key={code} value={code} selected={code === value}>
          {country}
        </option>
      ))}
    </select>
  );
}
