/** What a person has chosen of how a file is read. What is not chosen here is found by the server. Pure. */
import { slotOf } from '@tidings/contracts/contacts/column-targets.ts';
import { ATTRIBUTE_PREFIX } from '@tidings/contracts/contacts/contact.ts';
import { foldColumnName } from '@tidings/contracts/contacts/fold-column-name.ts';
import type { ImportPreview, PreviewColumn } from '@tidings/contracts/files/preview.ts';
import type { UploadFields } from '@tidings/contracts/files/upload.ts';
import { mappingNames } from '@tidings/csv/columns/mapping-names.ts';

export type Choices = Pick<
  UploadFields,
  'encoding' | 'delimiter' | 'sheet' | 'headerLine' | 'mapping' | 'defaultCountry' | 'invalidFields' | 'mends'
>;

/** With another way to read the file, which has other columns: what was said of columns goes. */
export function withReading(
  choices: Choices,
  reading: Pick<Choices, 'encoding' | 'delimiter' | 'sheet' | 'headerLine'>,
): Choices {
  return { ...choices, ...reading, mapping: undefined };
}

/** With another target for one column. A column that had the target before is kept as an extra. */
export function withTarget(
  choices: Choices,
  columns: readonly PreviewColumn[],
  { index, target }: Pick<PreviewColumn, 'index' | 'target'>,
): Choices {
  // A column may have any name, `constructor` and `__proto__` too.
  const mapping = new Map<string, string>();
  const add = (name: string, to: string) => mapping.has(name) || mapping.set(name, to);
  const names = mappingNames(columns.map(({ name }) => name));
  const own = foldColumnName(columns.find((column) => column.index === index)?.name ?? '');
  for (const [at, column] of columns.entries()) {
    const name = names[at] ?? column.name;
    const loses = target !== '' && slotOf(column.target) === slotOf(target);
    if (column.index === index) mapping.set(name, target);
    else if (loses) add(name, extraTarget(column.name));
    // A name speaks also for the columns of the same name that are not named.
    else if (isSaid(column) || foldColumnName(column.name) === own) add(name, column.target);
  }
  return { ...choices, mapping: Object.fromEntries(mapping) };
}

/** A mapping replaces what the server remembers, so it repeats it. */
function isSaid({ by }: PreviewColumn): boolean {
  return by === 'person' || by === 'remembered';
}

/** The target of a column that is kept under its own name; '' where it has none. */
export function extraTarget(name: string): string {
  const own = name.trim().toLowerCase();
  return own === '' ? '' : ATTRIBUTE_PREFIX + own;
}

/** The fields of an import that reads the file as it was shown. */
export function fieldsAsShown(preview: ImportPreview, choices: Choices): Choices {
  const { sheet, encoding, delimiter, headerLine, defaultCountry } = preview;
  const written = sheet === null ? { encoding, delimiter } : { sheet };
  return { ...choices, ...written, headerLine, defaultCountry: defaultCountry ?? undefined };
}

/** Words of names of e-mail columns, in the languages of people's files. */
const MAIL_WORDS = /mail(?!ing)|courriel|correo|correio|posta|poczt|пошт|почт|メール|邮|郵|메일/iu;

/** The column that is the likeliest to hold the e-mail addresses, where the server recognises none; null where none looks like it. */
export function likelyEmailColumn(columns: readonly PreviewColumn[]): PreviewColumn | null {
  const likeness = ({ name, samples }: PreviewColumn): number =>
    samples.filter((sample) => sample.includes('@')).length * 2 + (MAIL_WORDS.test(name) ? 3 : 0);
  const [best] = columns.toSorted((one, other) => likeness(other) - likeness(one));
  return best !== undefined && likeness(best) > 0 ? best : null;
}
