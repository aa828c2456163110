/** What a column of a file may be for: a field of the contact, one of these, `attributes.<name>`, or '' for a column that is left out. */
import { CONTROL_CHARACTER, withUsualNewlines } from '../text.ts';
import { ATTRIBUTE_PREFIX } from './contact.ts';
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

const FURTHER_EMAIL_PREFIX = 'furtherEmail.';

/** What a column is for whose cells are an attribute. */
export interface AttributeColumn {
  /** Of the attribute. */
  readonly name: string;
  /**
   * Whether it is a further column of e-mail addresses: its cell is the row's address where the columns for it that come before are blank. No
   * mapping names it.
   */
  readonly isFurtherEmail: boolean;
}

/** The name of the attribute that a column is: in small letters, without what no form takes. */
export function attributeNameOf(column: string): string {
  const name = withUsualNewlines(column).replace(new RegExp(CONTROL_CHARACTER, 'gu'), '');
  return name.trim().toLowerCase();
}

export function attributeTarget({ name, isFurtherEmail }: AttributeColumn): string {
  return (isFurtherEmail ? FURTHER_EMAIL_PREFIX : ATTRIBUTE_PREFIX) + name;
}

/** null for a target that is no attribute. */
export function readAttributeTarget(target: string): AttributeColumn | null {
  if (target.startsWith(ATTRIBUTE_PREFIX))
    return { name: target.slice(ATTRIBUTE_PREFIX.length), isFurtherEmail: false };
  if (target.startsWith(FURTHER_EMAIL_PREFIX))
    return { name: target.slice(FURTHER_EMAIL_PREFIX.length), isFurtherEmail: true };
  return null;
}

/** What a person is told that the column is for, and may say: a further column of e-mail addresses is its attribute. */
export function shownTarget(target: string): string {
  const attribute = readAttributeTarget(target);
  return attribute === null ? target : attributeTarget({ ...attribute, isFurtherEmail: false });
}

/** What a target fills: no two columns of a file fill the same. */
export function slotOf(target: string): string {
  return target.replace(/\.(?:familyFirst|international)$/, '');
}
