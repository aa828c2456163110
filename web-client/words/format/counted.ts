/** Things with their number before them, by the plural rules of each language. */
import { type Language, language } from './language.ts';

/** Forms of a word by the categories of CLDR; `other` stands for those that a language does not have. */
export type Plural = { readonly [category in Intl.LDMLPluralRule]?: string } & { readonly other: string };

const rules = new Map<Language, Intl.PluralRules>();

/** The form of a word that goes with a number, in the language of the pages. */
export function pluralForm(count: number, forms: Plural): string {
  const rule = rules.get(language.value) ?? new Intl.PluralRules(language.value);
  rules.set(language.value, rule);
  return forms[rule.select(count)] ?? forms.other;
}

interface Things {
  readonly row: Plural;
  readonly contact: Plural;
  readonly day: Plural;
  readonly column: Plural;
  readonly file: Plural;
}

export type Thing = keyof Things;

const words: Record<Language, Things> = {
  en: {
    row: { one: 'row', other: 'rows' },
    contact: { one: 'contact', other: 'contacts' },
    day: { one: 'day', other: 'days' },
    column: { one: 'column', other: 'columns' },
    file: { one: 'file', other: 'files' },
  },
  de: {
    row: { one: 'Zeile', other: 'Zeilen' },
    contact: { one: 'Kontakt', other: 'Kontakte' },
    day: { one: 'Tag', other: 'Tage' },
    column: { one: 'Spalte', other: 'Spalten' },
    file: { one: 'Datei', other: 'Dateien' },
  },
  uk: {
    row: { one: 'рядок', few: 'рядки', other: 'рядків' },
    contact: { one: 'контакт', few: 'контакти', other: 'контактів' },
    day: { one: 'день', few: 'дні', other: 'днів' },
    column: { one: 'стовпець', few: 'стовпці', other: 'стовпців' },
    file: { one: 'файл', few: 'файли', other: 'файлів' },
  },
  es: {
    row: { one: 'fila', other: 'filas' },
    contact: { one: 'contacto', other: 'contactos' },
    day: { one: 'día', other: 'días' },
    column: { one: 'columna', other: 'columnas' },
    file: { one: 'archivo', other: 'archivos' },
  },
  zh: {
    row: { other: '行' },
    contact: { other: '位联系人' },
    day: { other: '天' },
    column: { other: '列' },
    file: { other: '个文件' },
  },
};

/** The word alone, in the form that goes with the number. */
export function thingWord(count: number, thing: Thing): string {
  return pluralForm(count, words[language.value][thing]);
}
