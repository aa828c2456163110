/** Edits and deletions of single contacts, as a person makes them. */

import { oneOf } from '../choices.ts';
import type { Book } from './book.ts';
import type { ProofUserParts } from './proof-user-parts.ts';

export class ContactEdits {
  readonly #parts: ProofUserParts;
  readonly #token: () => Promise<string>;
  #edits = 0;

  constructor(parts: ProofUserParts, token: () => Promise<string>) {
    this.#parts = parts;
    this.#token = token;
  }

  async edit(book: Book): Promise<void> {
    const { api, random, onDone } = this.#parts;
    const [email, contactId] = await this.#anyContact(book);
    if (email === null) return;
    this.#edits += 1;
    const value = `Edited ${this.#edits}`;
    const isAttribute = random() < 0.3;
    const patch = isAttribute ? { attributes: { edited: value } } : { company: value };
    if (!(await api.patchContact(await this.#token(), contactId, patch)))
      this.#parts.findings.wrong(`${email} was there, and could not be edited`);
    book.model.edit(email, isAttribute ? { 'attributes.edited': value } : { company: value });
    onDone('edits and deletions');
  }

  async delete(book: Book): Promise<void> {
    const [email, contactId] = await this.#anyContact(book);
    if (email === null) return;
    // An attempt without an answer may have deleted it, so a later one may find nothing.
    await this.#parts.api.deleteContact(await this.#token(), contactId);
    book.model.delete(email);
    this.#parts.onDone('edits and deletions');
  }

  /** A contact that the model knows, with its id. */
  async #anyContact(book: Book): Promise<[email: string, contactId: string] | [null, null]> {
    const emails = book.model.emails();
    if (emails.length === 0) return [null, null];
    const email = oneOf(this.#parts.random, emails);
    const found = (await this.#parts.api.listContacts(this.#token, email)).get(email);
    if (found !== undefined) return [email, found.id];
    this.#parts.findings.wrong(`${email} is lost: the store does not have it`);
    return [null, null];
  }
}
