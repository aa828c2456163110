/**
 * Why a row was rejected, as codes and what their sentences need. The sentences are made when somebody reads them, so that a row that is
 * kept can be told in other words, and in another language.
 */
import type { RowCode } from '../codes.ts';
import { slotOf } from '../contacts/column-targets.ts';
import type { ColumnField } from '../contacts/contact-fields.ts';

/** What the sentence of a code needs besides the code. */
export interface FaultParameters {
  /** The column whose cell is at fault, from 0. */
  readonly column?: number;
  /** Cells of the row, and columns of the header. */
  readonly cells?: number;
  readonly columns?: number;
  /** An invisible character within the cell, as `U+200B`. */
  readonly character?: string;
}

/** By code; a code without parameters is not in it. */
export type ParametersByCode = Readonly<Partial<Record<RowCode, FaultParameters>>>;

const fieldsByCode: Readonly<Partial<Record<RowCode, ColumnField>>> = {
  email_missing: 'email',
  email_invalid: 'email',
  phone_invalid: 'phone',
  phone_country_unknown: 'phone',
  country_unknown: 'country',
};

/**
 * @param cells of the row
 * @param columns what each column of the header is for
 */
export function parametersOf(
  codes: readonly RowCode[],
  cells: number,
  columns: readonly string[],
): ParametersByCode {
  const parameters: Partial<Record<RowCode, FaultParameters>> = {};
  for (const code of codes) {
    const field = fieldsByCode[code];
    const column = field === undefined ? -1 : columns.findIndex((target) => slotOf(target) === field);
    if (column >= 0) parameters[code] = { column };
    const isCounted = code === 'too_few_cells' ? cells < columns.length : code === 'too_many_cells';
    if (isCounted && cells !== columns.length) parameters[code] = { cells, columns: columns.length };
  }
  return parameters;
}
