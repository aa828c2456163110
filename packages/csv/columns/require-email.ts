import { CsvError, type TakeFault } from '../errors.ts';

/** Names that a refusal shows, and characters of each, at most. */
const SHOWN_NAMES = 20;
const SHOWN_LENGTH = 40;

/** What names of columns of e-mail addresses hold. */
const LIKE_EMAIL = /mail|courriel|correo|correio|posta|poczt|пошт|почт|メール|邮|郵|메일|@/iu;

/**
 * @param targets what each column is for: one must be `email`
 * @param line on which the header starts
 * @param takeFault takes `no_email_column`; it shows names that look like those of e-mail addresses first
 */
export function requireEmailColumn(
  header: readonly string[],
  targets: readonly (string | null)[],
  line: number,
  takeFault: TakeFault,
): void {
  if (targets.includes('email')) return;
  const likely = header.filter((name) => LIKE_EMAIL.test(name));
  const named = [...likely, ...header.filter((name) => !LIKE_EMAIL.test(name))];
  const shown = named.slice(0, SHOWN_NAMES).map((name) => `“${shorten(name)}”`);
  const more = header.length - shown.length;
  takeFault(
    new CsvError(
      'no_email_column',
      `No column holds e-mail addresses. The header reads ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}. ` +
        'Name one column “email”, and drop the file again.',
      line,
    ),
  );
}

/** The text, without half of a surrogate pair at its end. */
function shorten(name: string): string {
  return name.slice(0, SHOWN_LENGTH).replace(/[\ud800-\udbff]$/, '');
}
