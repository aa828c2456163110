/** A file that is damaged on purpose, or by somebody's program, and what a reader should make of it. */

export interface Table {
  /** null: the file has none. */
  readonly header: readonly string[] | null;
  readonly records: readonly (readonly string[])[];
}

export interface DirtyFile {
  /** As Pollock names its files: `row_more_sep_row3_col2.csv`. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** null: nobody says what is right. */
  readonly expected: Table | null;
}

/** The class of damage: the name without rows, columns, characters and endings. */
export function classOf(name: string): string {
  return name.replace(/\.\w+$/, '').replace(/(?:_row)?_?\d.*$/, '');
}

/**
 * How many of the 3,712 files that Pollock's survey looked at have the damage. A class's files share its weight; `row_less_sep` and `row_more_sep`
 * share one. Classes that are not named have none.
 */
export const surveyWeights: readonly { readonly names: RegExp; readonly files: number }[] = [
  { names: /^source/, files: 1 },
  { names: /^file_no_payload/, files: 15 },
  { names: /^file_no_trailing_newline/, files: 184 },
  { names: /^file_double_trailing_newline/, files: 5 },
  { names: /^file_no_header/, files: 470 },
  { names: /^file_header_multirow/, files: 94 },
  { names: /^file_preamble/, files: 282 },
  { names: /^file_multitable/, files: 188 },
  { names: /^file_header_only/, files: 3 },
  { names: /^file_one_data_row/, files: 4 },
  { names: /^file_record_delimiter_0xD/, files: 7 },
  { names: /^file_record_delimiter_0xA/, files: 1691 },
  { names: /^file_field_delimiter_0x9/, files: 4 },
  { names: /^file_field_delimiter_0x3B/, files: 834 },
  { names: /^file_field_delimiter_0x20/, files: 4 },
  { names: /^file_field_delimiter_0x2C_0x20/, files: 101 },
  { names: /^file_quotation_char_0x27/, files: 11 },
  { names: /^file_escape_char_0x5C/, files: 1 },
  { names: /^file_escape_char_0x00/, files: 7 },
  { names: /^row_(?:less|more)_sep/, files: 520 },
  { names: /^row_field_delimiter/, files: 12 },
  { names: /^row_extra_quote/, files: 7 },
];
