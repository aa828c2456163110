import type { NamedTarget } from '@tidings/contracts/contacts/column-targets.ts';
import { expect } from 'vitest';
import { guessColumns } from '../guess-columns.ts';

/** The name of the column that each target has. */
export type Fields = Partial<Record<NamedTarget, string>>;

/** What is guessed of a header and its first rows, whose cells stand between commas. No target has two columns. */
export function fieldsOf(header: string, ...rows: string[]): Fields {
  const names = header.split(',');
  const found = guessColumns(
    names,
    rows.map((row) => row.split(',')),
  ).flatMap((guess, index) =>
    guess === null || guess.isTaken ? [] : [[guess.target, names[index]] as const],
  );
  expect(new Set(found.map(([field]) => field)).size).toBe(found.length);
  return Object.fromEntries(found);
}
