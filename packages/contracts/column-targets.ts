/** What a column of a file may be for: a field of the contact, one of these, `attributes.<name>`, or '' for a column that is left out. */
import { type ColumnField, columnFields } from './contact-fields.ts';

/**
 * `fullName`, `fullName.familyFirst`: a whole name, which fills first and last name where no column of their own does; the cell is kept as
 * an attribute, too. `phone.international`: a phone number with its country's code, with or without a plus.
 */
export const specialTargets = ['fullName', 'fullName.familyFirst', 'phone.international'] as const;
export type SpecialTarget = (typeof specialTargets)[number];

export type NamedTarget = ColumnField | SpecialTarget;

/** All that a mapping may name beside attributes. */
export const namedTargets: readonly NamedTarget[] = [
  ...columnFields.map(({ name }) => name),
  ...specialTargets,
];

/**
 * Before the name of an attribute: a further column of e-mail addresses. Its cell is that attribute, or the row's address where the columns
 * for it that come before are blank. No mapping names it.
 */
export const FURTHER_EMAIL_PREFIX = 'furtherEmail.';

/** What a target fills: no two columns of a file fill the same. */
export function slotOf(target: string): string {
  return target.replace(/\.(?:familyFirst|international)$/, '');
}
