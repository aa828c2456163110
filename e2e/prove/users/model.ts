/**
 * What the contacts of one domain must be. The model knows no chunks, no database and no faults: imports, edits and
 * undos happen to it whole, one after another.
 */

import type { ValidRow } from '@tidings/contact-store/chunk-to-apply.ts';
import {
  importWholeFile,
  type ModelContact,
} from '@tidings/contact-store/conformance/models/bucket-rule-model.ts';
import { type BucketCounts, noRows } from '@tidings/contracts/imports/import.ts';
import type { GeneratedFile } from './generated-file.ts';

export type { ModelContact };

/** A write that an undo may take back: who wrote, and what was there before; null where the contact was not there. */
interface Write {
  readonly writer: string;
  readonly before: ModelContact | null;
  /** Other imports that have found the contact as this write had left it: an undo keeps it for them. */
  readonly confirmedBy: Set<string>;
  /** Those of which a part was imported: this contact's rows, or not. */
  readonly perhapsBy: Set<string>;
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
    for (const { email } of file.valid) this.#topOf(email, importId)?.confirmedBy.add(importId);
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
      if (isSame(before, now)) {
        if (before !== null && this.#explains(email, rows, before))
          this.#topOf(email, importId)?.perhapsBy.add(importId);
        continue;
      }
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

  /** Whether nobody but the store knows which contacts an undo of the import keeps. */
  isUnsure(importId: string): boolean {
    return [...this.#known.values()].some(({ writes }) => {
      const top = writes.at(-1);
      return top?.writer === importId && top.perhapsBy.size > 0;
    });
  }

  /**
   * Takes back what the import has written and nobody has written since, or found as it is. What was deleted does not come back.
   * @param found what is there afterwards, where the model is unsure
   */
  undo(importId: string, found: ReadonlyMap<string, ModelContact> = new Map()): UndoCounts {
    let [reversed, kept] = [0, 0];
    for (const [email, { contact, writes }] of this.#known) {
      for (const write of writes) {
        write.confirmedBy.delete(importId);
        write.perhapsBy.delete(importId);
      }
      const place = writes.findIndex(({ writer }) => writer === importId);
      const write = writes[place];
      if (write === undefined) continue;
      const isConfirmed =
        write.confirmedBy.size > 0 || (write.perhapsBy.size > 0 && isSame(found.get(email) ?? null, contact));
      if (place < writes.length - 1 || isConfirmed) {
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
    writes.push({ writer, before, confirmedBy: new Set(), perhapsBy: new Set() });
    this.#known.set(email, { contact, writes });
  }

  /** The contact's last write; undefined where it is the import's own. */
  #topOf(email: string, importId: string): Write | undefined {
    const top = this.#known.get(email)?.writes.at(-1);
    return top?.writer === importId ? undefined : top;
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
