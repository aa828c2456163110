/**
 * Packs the rows that set a contact's fields: grouped by row, the fields as bits. Nearly always one row has set
 * all of them, and the packed form takes a fifth of the bytes of the names.
 */
import { ATTRIBUTE_PREFIX } from '@tidings/contracts/contacts/contact.ts';
import { imageFields } from '../contact-image.ts';
import type { FieldRows } from './bucket-rule.ts';

/** One row: bit n stands for the nth of the fields; then the names of the attributes. */
type Group = [row: number, fields: number, ...attributes: string[]];
export type PackedFieldRows = readonly Readonly<Group>[];

/** The database keeps the bits, so a new field goes to the end of the list. */
const bitOfField: ReadonlyMap<string, number> = new Map(imageFields.map((field, bit) => [field, 1 << bit]));

export function packFieldRows(fieldRows: FieldRows): PackedFieldRows {
  const groups: Group[] = [];
  for (const name of Object.keys(fieldRows)) {
    const row = fieldRows[name] ?? 0;
    let group = groups.find((candidate) => candidate[0] === row);
    if (group === undefined) {
      group = [row, 0];
      groups.push(group);
    }
    const bit = bitOfField.get(name);
    if (bit === undefined) group.push(name.slice(ATTRIBUTE_PREFIX.length));
    else group[1] |= bit;
  }
  return groups;
}

export function unpackFieldRows(packed: PackedFieldRows): FieldRows {
  const fieldRows: Record<string, number> = {};
  for (const [row, fields, ...attributes] of packed) {
    for (const [name, bit] of bitOfField) if ((fields & bit) !== 0) fieldRows[name] = row;
    for (const name of attributes) fieldRows[ATTRIBUTE_PREFIX + name] = row;
  }
  return fieldRows;
}
