/**
 * For tests: imports, edits, deletions and undos of one owner without a database. Where the store compares versions and keeps values of
 * single fields, the model keeps whole contacts and compares the identity of their last write; it shares no code with the store.
 */
import type { ValidRow } from '../../chunk-to-apply.ts';
import { type ModelContact, spell } from './bucket-rule-model.ts';

export type ModelBucket = 'created' | 'updated' | 'unchanged';
export type ModelDelta = Record<ModelBucket | 'duplicate' | 'cancelled', number>;

interface Person {
  readonly email: string;
  /** As the store has named the contact, once the test has looked. */
  id: string | null;
  values: ModelContact;
  /** Another one after each write. */
  write: symbol;
  /** Who made that write; null: somebody's edit. */
  writer: ModelImport | null;
}

/** What an import has done to a person. */
interface Touch {
  /** As the person was before; null where there was none. */
  readonly base: ModelContact | null;
  readonly said: ReadonlyMap<string, number>;
  readonly bucket: ModelBucket;
  readonly upload: number;
  /** The write that the import has left. */
  write: symbol;
  /** The write of another import that lies beneath. */
  readonly beneath: { readonly by: ModelImport; readonly write: symbol } | null;
}

export class ModelImport {
  /** The newest upload that was let in; -1 before the first. */
  upload = -1;
  closed = false;
  readonly ledger = new Map<string, ModelDelta>();
  readonly touched = new Map<Person, Touch>();
  readonly kept = new Map<Person, string>();
  readonly failed = new Set<Person>();
  /** By the undos of the newest upload. */
  reversed = 0;
  keptCount = 0;
}

function noDelta(): ModelDelta {
  return { created: 0, updated: 0, unchanged: 0, duplicate: 0, cancelled: 0 };
}

function same(one: ModelContact, other: ModelContact): boolean {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].every((name) => one[name] === other[name]);
}

/** The values of a row, by field or `attributes.<name>`. */
function valuesOf({ fields, attributes }: ValidRow): [string, string][] {
  return [
    ...Object.entries(fields),
    ...Object.entries(attributes).map(([name, value]): [string, string] => [`attributes.${name}`, value]),
  ];
}

export class UndoModel {
  readonly people = new Map<string, Person>();

  contacts(): Map<string, ModelContact> {
    return new Map([...this.people].map(([email, { values }]) => [email, values]));
  }

  chunk(by: ModelImport, upload: number, chunk: number, rows: readonly ValidRow[]): ModelDelta {
    const key = `${upload}:${chunk}`;
    const known = by.ledger.get(key);
    if (known !== undefined) return known;
    if (upload > by.upload) this.#begin(by, upload, false);
    const delta = noDelta();
    by.ledger.set(key, delta);
    if (by.closed || upload < by.upload) {
      delta.cancelled = rows.length;
      return delta;
    }
    for (const email of new Set(rows.map((row) => row.email)))
      this.#import(
        by,
        upload,
        email,
        rows.filter((row) => row.email === email),
        delta,
      );
    return delta;
  }

  #import(
    by: ModelImport,
    upload: number,
    email: string,
    rows: readonly ValidRow[],
    delta: ModelDelta,
  ): void {
    const existing = this.people.get(email);
    const person = existing ?? { email, id: null, values: {}, write: Symbol(), writer: by };
    this.people.set(email, person);
    const known = by.touched.get(person);
    const mine = existing === undefined || known?.write === person.write;
    const base =
      existing === undefined ? null : mine && known !== undefined ? known.base : { ...person.values };
    const counted = known?.upload === upload ? known : undefined;
    const said = new Map(counted?.said);
    const before = { ...person.values };
    for (const row of rows.toSorted((one, other) => one.row - other.row)) {
      // Only who has created the person says how the address is written.
      if (base === null && row.row > (said.get('spelling') ?? -1)) {
        said.set('spelling', row.row);
        spell(person.values, row.spelling);
      }
      for (const [name, value] of valuesOf(row)) {
        if (row.row <= (said.get(name) ?? -1)) continue;
        said.set(name, row.row);
        person.values[name] = value;
      }
    }
    let beneath = mine ? (known?.beneath ?? null) : null;
    if (existing !== undefined && !same(before, person.values)) {
      if (person.writer !== by)
        beneath = person.writer === null ? null : { by: person.writer, write: person.write };
      Object.assign(person, { write: Symbol(), writer: by });
    }
    const bucket = base === null ? 'created' : same(base, person.values) ? 'unchanged' : 'updated';
    by.touched.set(person, { base, said, bucket, upload, write: person.write, beneath });
    delta[bucket] += 1;
    if (counted !== undefined) delta[counted.bucket] -= 1;
    delta.duplicate += rows.length - (counted === undefined ? 1 : 0);
  }

  edit(email: string, name: string, value: string): boolean {
    const person = this.people.get(email);
    if (person === undefined) return false;
    // What changes nothing is no edit.
    if (person.values[name] === value) return true;
    person.values[name] = value;
    Object.assign(person, { write: Symbol(), writer: null });
    return true;
  }

  /** Erases the person, also from what imports know. */
  delete(email: string, imports: readonly ModelImport[]): boolean {
    const person = this.people.get(email);
    if (person === undefined) return false;
    this.people.delete(email);
    for (const { touched, kept, failed } of imports) {
      touched.delete(person);
      kept.delete(person);
      failed.delete(person);
    }
    return true;
  }

  close(by: ModelImport, upload: number): void {
    if (upload > by.upload) this.#begin(by, upload, true);
    else if (upload === by.upload) by.closed = true;
  }

  #begin(by: ModelImport, upload: number, closed: boolean): void {
    by.kept.clear();
    by.failed.clear();
    Object.assign(by, { upload, closed, reversed: 0, keptCount: 0 });
  }

  /** One page of an undo of the newest upload. */
  undoPage(
    all: readonly ModelImport[],
    by: ModelImport,
    upload: number,
    after: string | null,
    limit: number,
    mode: 'reverse' | 'pass over',
  ) {
    this.close(by, upload);
    const earlier = { reversed: by.reversed, kept: by.keptCount };
    const following = [...by.touched.keys()]
      .filter(({ id }) => (id ?? '') > (after ?? ''))
      .sort((one, other) => ((one.id ?? '') < (other.id ?? '') ? -1 : 1));
    const page = following.slice(0, limit);
    const counts = { reversed: 0, kept: 0, failed: 0 };
    for (const person of page) {
      const touch = by.touched.get(person);
      if (mode === 'reverse') {
        by.failed.delete(person);
        if (this.people.get(person.email) === person) this.#undo(all, by, person, counts);
        by.touched.delete(person);
      } else if (touch !== undefined && touch.bucket !== 'unchanged') {
        by.failed.add(person);
        counts.failed += 1;
      }
    }
    by.reversed += counts.reversed;
    by.keptCount += counts.kept;
    return { ...counts, earlier, next: following.length > limit ? (page.at(-1)?.id ?? null) : null };
  }

  #undo(
    all: readonly ModelImport[],
    by: ModelImport,
    person: Person,
    counts: { reversed: number; kept: number },
  ): void {
    const touch = by.touched.get(person);
    if (touch === undefined) return;
    const untouchedSince = touch.write === person.write;
    if (touch.bucket === 'unchanged') {
      if (untouchedSince && person.writer === by) this.#handBack(all, person, touch, person.write);
      return;
    }
    if (!untouchedSince) {
      counts.kept += 1;
      by.kept.set(person, person.writer === null ? 'edited_since' : 'imported_since');
      return;
    }
    const isConfirmed = all.some((other) => {
      const seen = other === by ? undefined : other.touched.get(person);
      return seen?.bucket === 'unchanged' && seen.write === person.write;
    });
    if (isConfirmed) {
      counts.kept += 1;
      by.kept.set(person, 'confirmed_since');
      return;
    }
    counts.reversed += 1;
    if (touch.base === null) {
      this.people.delete(person.email);
    } else {
      person.values = { ...touch.base };
      this.#handBack(all, person, touch, Symbol());
    }
  }

  /** The import beneath, and whoever has found the person as it had left it, go on as if this one had never written. */
  #handBack(all: readonly ModelImport[], person: Person, { beneath }: Touch, write: symbol): void {
    Object.assign(person, { write, writer: beneath?.by ?? null });
    for (const { touched } of all) {
      const lower = touched.get(person);
      if (lower !== undefined && lower.write === beneath?.write) lower.write = write;
    }
  }
}
