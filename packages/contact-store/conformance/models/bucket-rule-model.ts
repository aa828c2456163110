/**
 * For tests: the bucket rule for a whole file, one contact after another, without chunks
 * and without a database. It shares no code with the rule that it checks.
 */
import type { DuplicateRule } from '@tidings/contracts/owners/settings.ts';
import type { ValidRow } from '../../chunk-to-apply.ts';

/** Field, `attributes.<name>`, or `spelling` of the address, to value; no blanks. */
export type ModelContact = Record<string, string>;

export interface ModelResult {
  contacts: Map<string, ModelContact>;
  totals: { created: number; updated: number; unchanged: number; duplicate: number };
}

export function importWholeFile(
  before: ReadonlyMap<string, ModelContact>,
  file: readonly ValidRow[],
  duplicates: DuplicateRule = 'update',
): ModelResult {
  const contacts = new Map([...before].map(([email, contact]) => [email, { ...contact }]));
  for (const { email, spelling, fields, attributes } of file.toSorted((one, other) => one.row - other.row)) {
    const contact = contacts.get(email) ?? {};
    contacts.set(email, contact);
    const old = before.get(email);
    if (old === undefined) spell(contact, spelling);
    const set = (name: string, value: string) => {
      const isThere = old !== undefined && Object.hasOwn(old, name);
      const isLeft = duplicates === 'skip' ? old !== undefined : duplicates === 'fill-blanks' && isThere;
      if (!isLeft) contact[name] = value;
    };
    for (const [name, value] of Object.entries(fields)) set(name, value);
    for (const [name, value] of Object.entries(attributes)) set(`attributes.${name}`, value);
  }
  const totals = { created: 0, updated: 0, unchanged: 0, duplicate: 0 };
  for (const email of new Set(file.map((row) => row.email))) {
    totals[outcome(before.get(email), contacts.get(email) ?? {})] += 1;
  }
  totals.duplicate = file.length - totals.created - totals.updated - totals.unchanged;
  return { contacts, totals };
}

/** Shows the address as it was written; undefined: as the key is. */
export function spell(contact: ModelContact, spelling: string | undefined): void {
  if (spelling === undefined) delete contact.spelling;
  else contact.spelling = spelling;
}

function outcome(before: ModelContact | undefined, after: ModelContact): 'created' | 'updated' | 'unchanged' {
  if (before === undefined) return 'created';
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].every((name) => before[name] === after[name]) ? 'unchanged' : 'updated';
}
