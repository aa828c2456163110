/** Plans where the cells of each column go: to a field of the contact, else to an attribute of the column's name. */
import {
  attributeNameOf,
  attributeTarget,
  namedTargets,
  readAttributeTarget,
  shownTarget,
  slotOf,
} from '@tidings/contracts/contacts/column-targets.ts';
import { MAX_ATTRIBUTE_NAME } from '@tidings/contracts/contacts/contact.ts';
import { foldColumnName } from '@tidings/contracts/contacts/fold-column-name.ts';
import { toLine } from '@tidings/contracts/text.ts';
import { mayGiveAddress, mayGiveAddressOfRejected } from '@tidings/csv/columns/further-emails.ts';
import { type GuessedBy, type GuessedColumn, guessColumns } from '@tidings/csv/columns/guess-columns.ts';
import { mappingNames } from '@tidings/csv/columns/mapping-names.ts';
import { requireEmailColumn } from '@tidings/csv/columns/require-email.ts';
import { type TakeFault, throwFault } from '@tidings/csv/errors.ts';
import { isContactsExport, isForReading } from '@tidings/csv/writing/contacts-export.ts';
import { hasCodes, isExportColumn, isRejectedExport } from '@tidings/csv/writing/rejected-export.ts';
import { nearestNames } from '@tidings/service-kit/http/nearest-names.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';

/** What a mapping may name beside attributes. */
const targets: ReadonlySet<string> = new Set(namedTargets);

export interface ColumnsToPlan {
  /** The header's cells. */
  readonly header: readonly string[];
  /** The cells of the first rows, which tell what a column is for where its name does not. */
  readonly sample?: readonly (readonly string[])[];
  /** From the uploader: a column's name to a target, or '' to leave the column out; of columns of one name see `mappingNames`. */
  readonly mapping?: Readonly<Record<string, string>>;
  /** How the import was read that the file mends: columns of the same names are for the same, unless `mapping` names them. */
  readonly mended?: ReadColumns;
  /** On which the header starts; default 1. */
  readonly line?: number;
  /** Takes `no_email_column`. Default: it is thrown. */
  readonly takeFault?: TakeFault;
}

/** How a file was read: its header, and by column what `ColumnPlan` has as `columns`. */
export interface ReadColumns {
  readonly header: readonly string[];
  readonly columns: readonly string[];
}

/** By column. */
export interface ColumnPlan {
  /** A named target, `attributes.<name>`, `furtherEmail.<name>`, or '' for a column that is left out. */
  readonly columns: string[];
  /** How sure it is that the column is for its target: 0 to 1. */
  readonly confidence: number[];
  /** What tells the target: the mapping, the import that is mended, or what `guessColumns` says; null for an attribute of the column's own name. */
  readonly by: ('mapping' | 'mended' | GuessedBy | null)[];
  /** The field that the column could have filled, had not another one been better; else null. */
  readonly passedOver: (string | null)[];
}

/**
 * Gives each cell of the header one target. No field and no attribute has two columns: the mapping decides first, then how the import was
 * read that the file mends, then what `guessColumns` says. The other columns become attributes of their own names; those of e-mail addresses
 * may give the address of a row, too.
 *
 * @throws Problem invalid_request: the mapping names an unknown column or target, or one target twice; header_too_long: a name is too long
 * @throws CsvError no_email_column, unless `takeFault` takes it
 */
export function planColumns({
  header,
  sample = [],
  mapping = {},
  mended,
  line = 1,
  takeFault = throwFault,
}: ColumnsToPlan): ColumnPlan {
  const names = mappingNames(header).map(foldColumnName);
  const said = readMapping(mapping, header, new Set(names));
  // A name without a number speaks for all columns of that name that have no entry of their own.
  const explicit = header.map(
    (cell, index) => said.get(names[index] ?? '') ?? said.get(foldColumnName(cell)),
  );
  const isContacts = isContactsExport(header);
  const isOurs = (cell: string) => isExportColumn(cell) || (isContacts && isForReading(cell));
  const taken = new Set<string>();
  const claim = (target: string | undefined): string | undefined => {
    const slot = slotOf(shownTarget(target ?? ''));
    if (target === undefined || taken.has(slot)) return undefined;
    if (target !== '') taken.add(slot);
    return target;
  };
  const mapped = explicit.map(claim);
  const former = targetsByName(mended);
  const read = header.map((cell, index) =>
    explicit[index] !== undefined || isOurs(cell) ? undefined : claim(former.get(names[index] ?? '')),
  );
  const areRejected = isRejectedExport(header);
  const ofRejected = areRejected && hasCodes(header) ? mayGiveAddressOfRejected(header, sample) : null;
  const guess = (isRead: (index: number) => boolean) =>
    guessColumns(
      header.map((cell, index) =>
        explicit[index] === undefined && !isRead(index) && !isOurs(cell) ? cell : null,
      ),
      sample,
      { areRejected },
    );
  const isRead = (index: number) => read[index] !== undefined;
  let guessed = guess(isRead);
  // The column of addresses is gone or renamed: one that was kept beside it may be the one now.
  if (![...mapped, ...read].includes('email') && emailOf(guessed) < 0) {
    const isKept = (index: number) => readAttributeTarget(read[index] ?? '') === null && isRead(index);
    const beside = emailOf(guess(isKept));
    const hasStoodIn = readAttributeTarget(read[beside] ?? '')?.isFurtherEmail;
    if (hasStoodIn || (beside >= 0 && mayGiveAddress(header, beside, sample))) {
      read[beside] = undefined;
      guessed = guess(isRead);
    }
  }
  const claimed = mapped.map((target, index) => {
    const found = guessed[index] ?? null;
    const said = target ?? read[index];
    return said ?? (found === null || found.isTaken ? undefined : claim(found.target));
  });
  const attributes = new AttributeNames(taken, isOurs);
  // A whole name is kept under the column's own name, which no other column gets.
  for (const [index, target] of claimed.entries())
    if (target?.startsWith('fullName')) attributes.targetFor(header[index] ?? '');
  const planned = claimed.map((target, index) => target ?? attributes.targetFor(header[index] ?? ''));
  requireEmailColumn(header, planned, line, takeFault);
  refuseLongNames(planned, line);
  const guesses = planned.map((target, index) =>
    mapped[index] === undefined && claimed[index] === target ? (guessed[index] ?? null) : null,
  );
  const confidence = guesses.map((guess) => guess?.confidence ?? 1);
  const by = guesses.map((guess, index) => {
    if (mapped[index] !== undefined) return 'mapping';
    return read[index] === undefined ? (guess?.by ?? null) : 'mended';
  });
  const passedOver = guessed.map((guess, index) => {
    if (readAttributeTarget(planned[index] ?? '')?.isFurtherEmail) return 'email';
    const isLeft = guess !== null && claimed[index] === undefined && taken.has(slotOf(guess.target));
    return isLeft ? slotOf(guess.target) : null;
  });
  const columns = planned.map((target, index) => {
    const attribute = passedOver[index] === 'email' ? readAttributeTarget(target) : null;
    const mayGive = () => ofRejected?.(index) ?? mayGiveAddress(header, index, sample);
    return attribute !== null && mayGive() ? attributeTarget({ ...attribute, isFurtherEmail: true }) : target;
  });
  return { columns, confidence, by, passedOver };
}

/** The column that is guessed to hold the addresses; -1 where none is. */
function emailOf(guessed: readonly (GuessedColumn | null)[]): number {
  return guessed.findIndex((guess) => guess?.target === 'email' && !guess.isTaken);
}

/** What each column of a file was for, by the name that a mapping has for it, folded. */
function targetsByName(read: ReadColumns | undefined): ReadonlyMap<string, string> {
  const names = mappingNames(read?.header ?? []).map(foldColumnName);
  return new Map(
    names.flatMap((name, index) => (name === '' ? [] : [[name, read?.columns[index] ?? ''] as const])),
  );
}

function plainAttribute(name: string): string {
  return attributeTarget({ name, isFurtherEmail: false });
}

/** A contact keeps the names of its attributes: a long name would be stored as often as there are rows. */
function refuseLongNames(columns: readonly string[], line: number): void {
  const long = columns.findIndex(
    (column) => (readAttributeTarget(column)?.name.length ?? 0) > MAX_ATTRIBUTE_NAME,
  );
  if (long < 0) return;
  const message = `The name of column ${long + 1} is longer than ${MAX_ATTRIBUTE_NAME} characters. Shorten it, and send the file again.`;
  throw new Problem('header_too_long', message, { line, field: 'file' });
}

/** Gives each column an attribute of its own name; where that is taken, with a number behind it. */
class AttributeNames {
  readonly #taken: Set<string>;
  /** The last number given, by name. */
  readonly #numbers = new Map<string, number>();

  readonly #isOurs: (name: string) => boolean;

  /** @param taken targets that columns have already @param isOurs whether our exports add the column, and it is for nothing */
  constructor(taken: Set<string>, isOurs: (name: string) => boolean) {
    this.#taken = taken;
    this.#isOurs = isOurs;
  }

  /** '' for a column without a name, and for a column that our exports add. */
  targetFor(cell: string): string {
    const name = attributeNameOf(cell);
    if (name === '' || this.#isOurs(name)) return '';
    let target = plainAttribute(name);
    let number = this.#numbers.get(name) ?? 1;
    while (this.#taken.has(target)) {
      number += 1;
      target = plainAttribute(`${name} ${number}`);
    }
    this.#numbers.set(name, number);
    this.#taken.add(target);
    return target;
  }
}

/** @param present the names by which a mapping may speak, folded */
function readMapping(
  mapping: Readonly<Record<string, string>>,
  header: readonly string[],
  present: ReadonlySet<string>,
): ReadonlyMap<string, string> {
  const targetByName = new Map<string, string>();
  const nameBySlot = new Map<string, string>();
  for (const [name, written] of Object.entries(mapping)) {
    const target = checkTarget(name, written);
    const folded = foldColumnName(name);
    if (!present.has(folded)) throw unknownColumn(name, header);
    const slot = slotOf(target);
    const other = nameBySlot.get(slot) ?? folded;
    if (target !== '' && other !== folded) {
      const message = `The mapping leads two columns to “${slot}”: choose one of them.`;
      throw new Problem('invalid_request', message, { field: 'mapping' });
    }
    nameBySlot.set(slot, folded);
    targetByName.set(folded, target);
  }
  return targetByName;
}

/** Characters of a name that a refusal shows, at most. */
const SHOWN_LENGTH = 100;

function unknownColumn(name: string, header: readonly string[]): Problem {
  const nearest = nearestNames(name, header)
    .map((near) => `“${toLine(near, SHOWN_LENGTH)}”`)
    .join(', ');
  const message = `The mapping names a column “${toLine(name, SHOWN_LENGTH)}”, which the file does not have. The nearest names are ${nearest}.`;
  return new Problem('invalid_request', message, { field: 'mapping' });
}

function checkTarget(name: string, target: string): string {
  if (target === '' || targets.has(target)) return target;
  const column = readAttributeTarget(target);
  const attribute = column?.isFurtherEmail === false ? column.name.trim().toLowerCase() : '';
  if (attribute !== '') return plainAttribute(attribute);
  const known = [...targets, plainAttribute('<name>')];
  const nearest = target === '' ? [] : nearestNames(target, namedTargets, 1);
  const hint = nearest.map((near) => ` Did you mean ${near}?`).join('');
  throw new Problem(
    'invalid_request',
    `The mapping of “${toLine(name, SHOWN_LENGTH)}” leads nowhere: choose one of ${known.join(', ')}.${hint}`,
    { field: 'mapping' },
  );
}
