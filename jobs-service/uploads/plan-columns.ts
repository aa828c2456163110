/** Plans where the cells of each column go: to a field of the contact by the column's name, else to an attribute of that name. */
import { ATTRIBUTE_PREFIX, MAX_ATTRIBUTE_NAME } from '@tidings/contracts/contact.ts';
import { columnFields } from '@tidings/contracts/contact-fields.ts';
import { fieldsOfHeader, foldColumnName, requireEmailColumn } from '@tidings/csv/columns.ts';
import { isExportColumn } from '@tidings/csv/rejected-export.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';

/** What a mapping may name beside attributes. */
const fields: ReadonlySet<string> = new Set(columnFields.map(({ name }) => name));

/**
 * Gives each cell of the header one column target: a field, `attributes.<name>`, or '' for a column that is left out. No field and no
 * attribute has two columns: the mapping decides first, then the better name of a field, then the order of the columns. The other
 * columns become attributes of their own names.
 *
 * @param header the header's cells
 * @param mapping from the uploader: a header cell's text to a field, `attributes.<name>`, or '' to leave it out
 * @param line on which the header starts
 * @throws Problem invalid_request: the mapping names an unknown target, or one target twice; header_too_long: a name is too long
 * @throws CsvError no_email_column
 */
export function planColumns(
  header: readonly string[],
  mapping: Readonly<Record<string, string>> = {},
  line = 1,
): string[] {
  const said = readMapping(mapping);
  const explicit = header.map((cell) => said.get(foldColumnName(cell)));
  const named = fieldsOfHeader(header.map((cell, index) => (explicit[index] === undefined ? cell : '')));
  const taken = new Set<string>();
  const claim = (target: string | null | undefined): string | undefined => {
    if (target === undefined || target === null || taken.has(target)) return undefined;
    if (target !== '') taken.add(target);
    return target;
  };
  const mapped = explicit.map(claim);
  const claimed = mapped.map((target, index) => target ?? claim(named[index]));
  const attributes = new AttributeNames(taken);
  const columns = claimed.map((target, index) => target ?? attributes.targetFor(header[index] ?? ''));
  requireEmailColumn(header, columns, line);
  refuseLongNames(columns, line);
  return columns;
}

/** A contact keeps the names of its attributes: a long name would be stored as often as there are rows. */
function refuseLongNames(columns: readonly string[], line: number): void {
  const long = columns.findIndex((column) => column.length > ATTRIBUTE_PREFIX.length + MAX_ATTRIBUTE_NAME);
  if (long < 0) return;
  const message = `The name of column ${long + 1} is longer than ${MAX_ATTRIBUTE_NAME} characters. Shorten it, and send the file again.`;
  throw new Problem('header_too_long', message, { line, field: 'file' });
}

/** Gives each column an attribute of its own name; where that is taken, with a number behind it. */
class AttributeNames {
  readonly #taken: Set<string>;
  /** The last number given, by name. */
  readonly #numbers = new Map<string, number>();

  /** @param taken targets that columns have already */
  constructor(taken: Set<string>) {
    this.#taken = taken;
  }

  /** '' for a column without a name, and for a column that our exports add. */
  targetFor(cell: string): string {
    const name = cell.trim().toLowerCase();
    if (name === '' || isExportColumn(name)) return '';
    let target = `${ATTRIBUTE_PREFIX}${name}`;
    let number = this.#numbers.get(name) ?? 1;
    while (this.#taken.has(target)) {
      number += 1;
      target = `${ATTRIBUTE_PREFIX}${name} ${number}`;
    }
    this.#numbers.set(name, number);
    this.#taken.add(target);
    return target;
  }
}

function readMapping(mapping: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  const targets = new Map<string, string>();
  const nameByTarget = new Map<string, string>();
  for (const [name, written] of Object.entries(mapping)) {
    const target = checkTarget(name, written);
    const folded = foldColumnName(name);
    const other = nameByTarget.get(target) ?? folded;
    if (target !== '' && other !== folded) {
      const message = `The mapping leads two columns to “${target}”: choose one of them.`;
      throw new Problem('invalid_request', message, { field: 'mapping' });
    }
    nameByTarget.set(target, folded);
    targets.set(folded, target);
  }
  return targets;
}

function checkTarget(name: string, target: string): string {
  if (target === '' || fields.has(target)) return target;
  const attribute = target.startsWith(ATTRIBUTE_PREFIX)
    ? target.slice(ATTRIBUTE_PREFIX.length).trim().toLowerCase()
    : '';
  if (attribute !== '') return `${ATTRIBUTE_PREFIX}${attribute}`;
  const targets = [...fields, `${ATTRIBUTE_PREFIX}<name>`].join(', ');
  throw new Problem('invalid_request', `The mapping of “${name}” leads nowhere: choose one of ${targets}.`, {
    field: 'mapping',
  });
}
