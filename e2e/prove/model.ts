/**
 * What the contacts of one domain must be. The model knows no chunks, no database and no faults: imports, edits and
 * undos happen to it whole, one after another.
 */

import type { ValidRow } from '@tidings/contact-store/chunk-to-apply.ts';
import { importWholeFile, type ModelContact } from '@tidings/contact-store/conformance/bucket-rule-model.ts';
import { type BucketCounts, noRows } from '@tidings/contracts/import.ts';
import type { GeneratedFile } from './generated-file.ts';

export type { ModelContact };

/** A write that an undo may take back: who wrote, and what was there before; null where the contact was not there. */
interface Write {
  readonly writer: string;
  readonly before: ModelContact | null;
}

interface Known {
  contact: ModelContact;
  readonly writes: Write[];
}

export interface UndoCounts {
  readonly reversed: number;
  readonly kept: number;
}

export class ContactsModel {
  readonly #known = new Map<string, Known>();

  get size(): number {
    return this.#known.size;
  }

  emails(): string[] {
    return [...this.#known.keys()];
  }

  get(email: string): ModelContact | null {
    return this.#known.get(email)?.contact ?? null;
  }

  /** The whole file is imported. @returns rows by bucket */
  import(importId: string, file: GeneratedFile): BucketCounts {
    const { contacts, totals } = importWholeFile(this.#subset(file.valid), file.valid);
    for (const [email, contact] of contacts) this.#write(email, importId, contact);
    return { ...noRows(), ...totals, rejected: file.rejected };
  }

  /**
   * A part of the file was imported, and which rows is not known. Takes over what is there, if some of the rows of each contact explain it.
   * @param found what is there, by address, of the contacts of the file
   * @returns how many contacts it created and updated, and those that no choice of rows explains
   */
  adopt(importId: string, file: GeneratedFile, found: ReadonlyMap<string, ModelContact>) {
    let [created, updated] = [0, 0];
    const unexplained: string[] = [];
    for (const [email, rows] of byEmail(file.valid)) {
      const before = this.get(email);
      const now = found.get(email) ?? null;
      if (isSame(before, now)) continue;
      if (now === null || !this.#explains(email, rows, now)) {
        unexplained.push(email);
        continue;
      }
      if (before === null) created += 1;
      else updated += 1;
      this.#write(email, importId, now);
    }
    return { created, updated, unexplained };
  }

  edit(email: string, change: Readonly<Record<string, string>>): void {
    const contact = this.get(email);
    if (contact === null) throw new RangeError(`The model has no ${email}.`);
    this.#write(email, 'edit', { ...contact, ...change });
  }

  delete(email: string): void {
    this.#known.delete(email);
  }

  /** Takes back what the import has written and nobody has written since. What was deleted does not come back. */
  undo(importId: string): UndoCounts {
    let [reversed, kept] = [0, 0];
    for (const [email, { writes }] of this.#known) {
      const place = writes.findIndex(({ writer }) => writer === importId);
      if (place < 0) continue;
      if (place < writes.length - 1) {
        kept += 1;
        continue;
      }
      reversed += 1;
      const before = writes.pop()?.before ?? null;
      if (before === null) this.#known.delete(email);
      else this.#known.set(email, { contact: before, writes });
    }
    return { reversed, kept };
  }

  /** Addresses at which the store and the model differ. */
  compare(found: ReadonlyMap<string, ModelContact>): {
    lost: string[];
    surplus: string[];
    different: string[];
  } {
    const lost = [...this.#known.keys()].filter((email) => !found.has(email));
    const surplus = [...found.keys()].filter((email) => !this.#known.has(email));
    const different = [...found].flatMap(([email, contact]) =>
      this.#known.has(email) && !isSame(this.get(email), contact) ? [email] : [],
    );
    return { lost, surplus, different };
  }

  #write(email: string, writer: string, contact: ModelContact): void {
    const before = this.get(email);
    if (isSame(before, contact)) return;
    const writes = this.#known.get(email)?.writes ?? [];
    writes.push({ writer, before });
    this.#known.set(email, { contact, writes });
  }

  #explains(email: string, rows: readonly ValidRow[], now: ModelContact): boolean {
    for (let choice = 1; choice < 2 ** rows.length; choice += 1) {
      const chosen = rows.filter((_, index) => (choice >> index) % 2 === 1);
      const after = importWholeFile(this.#subset(chosen), chosen).contacts.get(email);
      if (isSame(after ?? null, now)) return true;
    }
    return false;
  }

  #subset(rows: readonly ValidRow[]): ReadonlyMap<string, ModelContact> {
    const found = new Map<string, ModelContact>();
    for (const { email } of rows) {
      const contact = this.get(email);
      if (contact !== null) found.set(email, contact);
    }
    return found;
  }
}

function byEmail(rows: readonly ValidRow[]): Map<string, ValidRow[]> {
  const groups = new Map<string, ValidRow[]>();
  for (const row of rows) {
    const group = groups.get(row.email);
    if (group === undefined) groups.set(row.email, [row]);
    else group.push(row);
  }
  return groups;
}

function isSame(one: ModelContact | null, other: ModelContact | null): boolean {
  if (one === null || other === null) return one === other;
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}
