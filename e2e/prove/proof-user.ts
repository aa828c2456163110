/** What one user does, one thing after another: files, edits and deletions, chosen at random from the seed. */
import { randomUUID } from 'node:crypto';
import type { ImportState } from '@tidings/contracts/import.ts';
import { pause } from '@tidings/failures/retry.ts';
import { Book, type KnownUpload } from './book.ts';
import { between, oneOf, type Random, weighted } from './choices.ts';
import type { Findings } from './findings.ts';
import { type GeneratedFile, generateFile } from './generated-file.ts';
import { freshTokens, type PatientApi } from './http.ts';
import type { RowSpoiler } from './row-spoiler.ts';
import { breakOff, sendFile } from './send-file.ts';
import { WatchedChannel } from './watched-channel.ts';

/** Imports that are told on one channel, so that its history holds all of them. */
const IMPORTS_A_CHANNEL = 25;
/** Milliseconds in which an import must show whose answer was lost; later the user goes on with other contacts. */
const SHOWS_WITHIN_MS = 8_000;
const LOOK_MS = 400;
/** Milliseconds between two attempts under one key. */
const AGAIN_MS = 500;

const unknownUpload: KnownUpload = { isFirst: true, isAnswered: false };
const answered: KnownUpload = { isFirst: true, isAnswered: true };

export interface ProofUserParts {
  readonly name: string;
  readonly owner: string;
  readonly random: Random;
  readonly url: string;
  readonly api: PatientApi;
  /** Ends everything at once. */
  readonly signal: AbortSignal;
  readonly findings: Findings;
  readonly spoiler: RowSpoiler | null;
  onNote(line: string): void;
  /** An import has ended, and its outcome was checked. */
  onSettled(state: ImportState): void;
  /** An import was taken back. */
  onUndone(): void;
  /** A contact was edited or deleted. */
  onEdited(): void;
}

type Act = (book: Book) => Promise<void>;

export class ProofUser {
  readonly books: Book[] = [];
  readonly channels: WatchedChannel[] = [];
  readonly #parts: ProofUserParts;
  #sent = 0;
  readonly #token: () => Promise<string>;
  #edits = 0;

  constructor(parts: ProofUserParts) {
    this.#parts = parts;
    this.#token = freshTokens(parts.api, parts.owner);
  }

  get owner(): string {
    return this.#parts.owner;
  }

  get name(): string {
    return this.#parts.name;
  }

  /** Acts until it is told to stop; what is begun is brought to its end. */
  async run(stopping: AbortSignal): Promise<void> {
    const acts: readonly (readonly [Act, number])[] = [
      [(book) => this.#import(book), 40],
      [(book) => this.#importByKey(book), 20],
      [(book) => this.#cancel(book), 12],
      [(book) => this.#breakOff(book), 12],
      [(book) => this.#failAndRetry(book), 4],
      [(book) => this.#undo(book), 18],
      [(book) => this.#edit(book), 18],
      [(book) => this.#delete(book), 10],
    ];
    while (!stopping.aborted) {
      const book = this.books.at(-1);
      const current = book === undefined || book.unanswered !== null ? this.#newBook() : book;
      await weighted(this.#parts.random, acts)(current);
    }
  }

  /** After all faults: every file that got no answer is an import now, or none. */
  async resolve(): Promise<void> {
    const imports = await this.#parts.api.listImports();
    for (const book of this.books) {
      const { unanswered } = book;
      if (unanswered === null) continue;
      const found = imports.find(({ clientReference }) => clientReference === unanswered.reference);
      if (found !== undefined) await this.#settle(book, found.importId, unanswered.file);
      book.unanswered = null;
    }
  }

  #import(book: Book): Promise<void> {
    return this.#send(book, this.#generate(book));
  }

  async #send(book: Book, file: GeneratedFile): Promise<void> {
    const sending = await this.#sending(file);
    this.#parts.onNote(`sends ${file.rows} rows as ${sending.reference}`);
    const answer = await sendFile(sending);
    if (answer.accepted !== null) return this.#settle(book, answer.accepted.importId, file, answered);
    const { findings, onNote } = this.#parts;
    onNote(`has no answer for ${sending.reference}: ${answer.reason}`);
    if (answer.isRefusal) findings.wrong(`${sending.reference} was refused: ${answer.reason}`);
    await this.#find(book, sending.reference, file);
  }

  /** Sends the file again and again under one key, until it is answered. */
  async #importByKey(book: Book): Promise<void> {
    const file = this.#generate(book);
    const sending = { ...(await this.#sending(file)), idempotencyKey: randomUUID() };
    const { findings, onNote, signal } = this.#parts;
    for (let attempt = 1; ; attempt += 1) {
      onNote(`sends ${file.rows} rows as ${sending.reference} by key, attempt ${attempt}`);
      const answer = await sendFile(sending);
      if (answer.accepted !== null) {
        const isFirst = attempt === 1;
        return this.#settle(book, answer.accepted.importId, file, { isFirst, isAnswered: true });
      }
      onNote(`has no answer for ${sending.reference}: ${answer.reason}`);
      if (answer.isRefusal) {
        findings.wrong(`${sending.reference} was refused: ${answer.reason}`);
        return this.#find(book, sending.reference, file);
      }
      await pause(AGAIN_MS, signal);
    }
  }

  /** Cancels the import as soon as it shows, or a moment later: it may still come, run, or have ended. */
  async #cancel(book: Book): Promise<void> {
    const { api, onNote, random, signal } = this.#parts;
    const file = this.#generate(book);
    const sending = await this.#sending(file);
    const { reference } = sending;
    onNote(`sends ${file.rows} rows as ${reference}, and cancels`);
    const sent = sendFile(sending).then(({ accepted }) => accepted?.importId ?? null);
    const left = new AbortController();
    const shown = this.channels.at(-1)?.untilAccepted(reference, AbortSignal.any([signal, left.signal]));
    const early = (await Promise.race([shown, sent])) ?? null;
    await pause(random() * 500, signal);
    if (early !== null) await api.command(await this.#token(), early, 'cancel');
    const importId = (await sent) ?? early;
    left.abort();
    if (importId === null) await this.#find(book, reference, file);
    else await this.#settle(book, importId, file);
  }

  async #breakOff(book: Book): Promise<void> {
    const file = this.#generate(book);
    const sending = await this.#sending(file);
    this.#parts.onNote(`breaks off ${file.rows} rows of ${sending.reference}`);
    await breakOff(sending, this.#parts.random());
    await this.#find(book, sending.reference, file);
  }

  /** A chunk fails by its content until it is a dead letter; it is mended and tried again, and the import's result is as if nothing had been. */
  async #failAndRetry(book: Book): Promise<void> {
    const { onNote, spoiler } = this.#parts;
    if (spoiler === null) return;
    const company = `Spoilt ${this.#parts.name} ${this.#sent}`;
    const file = this.#generate(book, company);
    if (file.valid.length === 0) return this.#send(book, file);
    const sending = await this.#sending(file);
    await spoiler.spoil(company);
    onNote(`sends ${file.rows} rows as ${sending.reference}, one of them spoilt`);
    const { accepted } = await sendFile(sending);
    if (accepted !== null) await book.untilFailed(accepted.importId);
    await spoiler.mend(company);
    if (accepted === null) return this.#find(book, sending.reference, file);
    onNote(`has import ${accepted.importId} tried again`);
    await book.retry(accepted.importId);
    await this.#settle(book, accepted.importId, file, answered);
  }

  /** Takes any of the imports back that have ended, the newest or an older one that others were written over. */
  async #undo(book: Book): Promise<void> {
    const { onNote, random } = this.#parts;
    if (book.undoable.length === 0) return;
    const [importId = ''] = book.undoable.splice(between(random, 0, book.undoable.length - 1), 1);
    onNote(`undoes import ${importId}`);
    await book.undo(importId);
    onNote(`has undone import ${importId}`);
    this.#parts.onUndone();
  }

  async #edit(book: Book): Promise<void> {
    const { api, random, onEdited } = this.#parts;
    const [email, contactId] = await this.#anyContact(book);
    if (email === null) return;
    this.#edits += 1;
    const value = `Edited ${this.#edits}`;
    const isAttribute = random() < 0.3;
    const patch = isAttribute ? { attributes: { edited: value } } : { company: value };
    if (!(await api.patchContact(await this.#token(), contactId, patch)))
      this.#parts.findings.wrong(`${email} was there, and could not be edited`);
    book.model.edit(email, isAttribute ? { 'attributes.edited': value } : { company: value });
    onEdited();
  }

  async #delete(book: Book): Promise<void> {
    const [email, contactId] = await this.#anyContact(book);
    if (email === null) return;
    // An attempt without an answer may have deleted it, so a later one may find nothing.
    await this.#parts.api.deleteContact(await this.#token(), contactId);
    book.model.delete(email);
    this.#parts.onEdited();
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

  /** Finds the import of a file whose answer was lost. */
  async #find(book: Book, reference: string, file: GeneratedFile): Promise<void> {
    const { api, signal } = this.#parts;
    book.unanswered = { reference, file };
    const from = performance.now();
    do {
      const found = (await api.listImports()).find(({ clientReference }) => clientReference === reference);
      if (found !== undefined) {
        await this.#settle(book, found.importId, file);
        book.unanswered = null;
        return;
      }
      await pause(LOOK_MS, signal);
    } while (performance.now() - from < SHOWS_WITHIN_MS);
  }

  async #settle(book: Book, importId: string, file: GeneratedFile, upload = unknownUpload): Promise<void> {
    const { onNote, onSettled } = this.#parts;
    onNote(`waits for import ${importId} of ${file.rows} rows`);
    const state = await book.settle(importId, file, upload);
    onNote(`has import ${importId}: ${state.status}, ${state.upload}`);
    onSettled(state);
  }

  #generate(book: Book, company?: string): GeneratedFile {
    const { domain } = book;
    const { file, people } = generateFile(this.#parts.random, { domain, people: book.people, company });
    book.people = people;
    return file;
  }

  async #sending({ bytes }: GeneratedFile) {
    const { name, owner, url, api, signal } = this.#parts;
    if (this.#sent % IMPORTS_A_CHANNEL === 0) this.channels.push(new WatchedChannel(owner, url, api));
    this.#sent += 1;
    const channel = await this.channels.at(-1)?.ready();
    if (channel === undefined) throw new Error('there is no channel');
    return { url, channel, bytes, reference: `${name} ${this.#sent}`, signal };
  }

  #newBook(): Book {
    const { name, owner, api, signal, findings } = this.#parts;
    const domain = `book-${this.books.length + 1}.${name}.example`;
    const token = this.#token;
    const book = new Book({ owner, domain, api, signal, findings, token });
    this.books.push(book);
    return book;
  }
}
