/** What one user does, one thing after another: files, edits and deletions, chosen at random from the seed. */
import { randomUUID } from 'node:crypto';
import { pause } from '@tidings/failures/retry.ts';
import { between, weighted } from '../choices.ts';
import { SPOILT } from '../systems/row-spoiler.ts';
import { Book, type KnownUpload } from './book.ts';
import { ContactEdits } from './contact-edits.ts';
import { eraseBesideFile } from './erased-owner.ts';
import { type GeneratedFile, generateFile } from './generated-file.ts';
import { freshTokens } from './http.ts';
import type { ProofUserParts } from './proof-user-parts.ts';
import { breakOff, goOn, sendFile } from './send-file.ts';
import { treatSpoiltImport } from './spoilt-imports.ts';
import { WatchedChannel } from './watched-channel.ts';

/** Imports that are told on one channel, so that its history holds all of them. */
const IMPORTS_A_CHANNEL = 25;
/** Milliseconds in which an import must show whose answer was lost; later the user goes on with other contacts. */
const SHOWS_WITHIN_MS = 8_000;
const LOOK_MS = 400;
/** Milliseconds between two attempts under one key. */
const AGAIN_MS = 500;
/** Of the connections that go on with an upload, those that break off, too. */
const CUT_SHARE = 0.4;

const unknownUpload: KnownUpload = { isFirst: true, isAnswered: false };
const answered: KnownUpload = { isFirst: true, isAnswered: true };

type Act = (book: Book) => Promise<void>;

export class ProofUser {
  readonly books: Book[] = [];
  readonly channels: WatchedChannel[] = [];
  readonly #parts: ProofUserParts;
  #sent = 0;
  readonly #token: () => Promise<string>;
  readonly #edits: ContactEdits;
  #erased = 0;
  /** What is under way in it is not known to the model. */
  #open: Book | null = null;

  constructor(parts: ProofUserParts) {
    this.#parts = parts;
    this.#token = freshTokens(parts.api, parts.owner);
    this.#edits = new ContactEdits(parts, this.#token);
  }

  get owner(): string {
    return this.#parts.owner;
  }

  get name(): string {
    return this.#parts.name;
  }

  /** The book in which something is under way, or was when the user could not go on; null where none is. */
  get open(): Book | null {
    return this.#open;
  }

  /** Acts until it is told to stop; what is begun is brought to its end. */
  async run(stopping: AbortSignal): Promise<void> {
    const acts: readonly (readonly [Act, number])[] = [
      [(book) => this.#import(book), 40],
      [(book) => this.#importByKey(book), 20],
      [(book) => this.#goOn(book), 20],
      [(book) => this.#cancel(book), 12],
      [(book) => this.#breakOff(book), 12],
      [(book) => this.#failAndTreat(book, stopping), 10],
      [(book) => this.#failUndo(book, stopping), 4],
      [(book) => this.#erase(book), 6],
      [(book) => this.#undo(book), 18],
      [(book) => this.#edits.edit(book), 18],
      [(book) => this.#edits.delete(book), 10],
    ];
    while (!stopping.aborted) {
      const book = this.books.at(-1);
      const current = book === undefined || book.unanswered !== null ? this.#newBook() : book;
      this.#open = current;
      await weighted(this.#parts.random, acts)(current);
      this.#open = null;
    }
  }

  /** After all faults: every file that got no answer is an import now, or none. */
  async resolve(): Promise<void> {
    const imports = await this.#parts.api.listImports();
    for (const book of this.books) {
      const { unanswered } = book;
      if (unanswered === null) continue;
      this.#open = book;
      const found = imports.find(({ clientReference }) => clientReference === unanswered.reference);
      if (found !== undefined) await this.#settle(book, found.importId, unanswered.file);
      book.unanswered = null;
      this.#open = null;
    }
  }

  async #import(book: Book): Promise<void> {
    await this.#send(book, this.#generate(book));
  }

  /** Resolves with the id of the import, where it was answered. */
  async #send(book: Book, file: GeneratedFile): Promise<string | null> {
    const sending = await this.#sending(file);
    this.#parts.onNote(`sends ${file.rows} rows as ${sending.reference}`);
    const answer = await sendFile(sending);
    if (answer.accepted !== null) {
      await this.#settle(book, answer.accepted.importId, file, answered);
      return answer.accepted.importId;
    }
    const { findings, onNote } = this.#parts;
    onNote(`has no answer for ${sending.reference}: ${answer.reason}`);
    if (answer.isRefusal) findings.wrong(`${sending.reference} was refused: ${answer.reason}`);
    await this.#find(book, sending.reference, file);
    return null;
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

  /** The connection breaks off again and again: each next one goes on where the server has the file, until it is answered. */
  async #goOn(book: Book): Promise<void> {
    const file = this.#generate(book);
    const sending = { ...(await this.#sending(file)), idempotencyKey: randomUUID() };
    const { findings, onNote, onDone, random, signal } = this.#parts;
    onNote(`sends a part of ${file.rows} rows as ${sending.reference}`);
    await breakOff(sending, random());
    for (let connection = 2; ; connection += 1) {
      onNote(`goes on with ${sending.reference}, connection ${connection}`);
      const answer = await goOn(sending, random() < CUT_SHARE ? random() : null);
      if (answer.accepted !== null) {
        if (answer.isResumed) onDone('uploads that went on');
        return this.#settle(book, answer.accepted.importId, file, { isFirst: false, isAnswered: true });
      }
      onNote(`has no answer for ${sending.reference}: ${answer.reason}`);
      if (answer.isRefusal) {
        findings.wrong(`${sending.reference} was refused: ${answer.reason}`);
        return this.#find(book, sending.reference, file);
      }
      await pause(random() * AGAIN_MS, signal);
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

  /** A chunk fails by its content, until it is mended and tried again, or given up. */
  async #failAndTreat(book: Book, stopping: AbortSignal): Promise<void> {
    const { spoiler, random, signal, api, findings, onNote, onDone } = this.#parts;
    const [company, file] = this.#generateSpoilt(book);
    if (file.valid.length === 0) return void (await this.#send(book, file));
    const sending = await this.#sending(file);
    const mend = () => spoiler.mend(company);
    await spoiler.spoil(company);
    try {
      onNote(`sends ${file.rows} rows as ${sending.reference}, one of them spoilt`);
      const { accepted } = await sendFile(sending);
      if (accepted !== null) {
        const { importId } = accepted;
        const parts = { api, random, signal, findings, stopping, token: this.#token, mend, onNote };
        const { isSkipped } = await treatSpoiltImport(parts, importId);
        onDone('spoilt imports');
        if (isSkipped) book.skipped.add(importId);
        return await this.#settle(book, importId, file, answered);
      }
    } finally {
      await mend();
    }
    await this.#find(book, sending.reference, file);
  }

  /** A page of an undo fails until it is passed over; it is mended, and the undo begins again. */
  async #failUndo(book: Book, stopping: AbortSignal): Promise<void> {
    const { spoiler, onNote, onDone } = this.#parts;
    const [company, file] = this.#generateSpoilt(book);
    const importId = await this.#send(book, file);
    if (importId === null || !book.takeUndoable(importId)) return;
    const mend = () => spoiler.mend(company);
    await spoiler.spoil(company);
    // What fails when the proof ends has its next attempt within its time.
    const mended = new AbortController();
    const mendedAtEnd = once(stopping, mended.signal).then(mend);
    try {
      onNote(`undoes import ${importId}, one contact of which is spoilt`);
      await book.undo(importId, async () => {
        onNote(`has an undo of import ${importId} that has left contacts`);
        onDone('undos begun again');
        await mend();
      });
    } finally {
      mended.abort();
      await mendedAtEnd;
    }
    onDone('undos');
  }

  async #erase(book: Book): Promise<void> {
    const { name, api, url, signal, random, onNote, onDone } = this.#parts;
    const { file } = generateFile(random, { domain: book.domain, people: 0 });
    this.#erased += 1;
    const owner = `erased ${name} ${this.#erased}`;
    onNote(`erases ${owner} beside ${file.rows} rows`);
    await eraseBesideFile({ url, api, owner, bytes: file.bytes, afterMs: random() * 1_000, signal });
    onNote(`has erased ${owner}`);
    onDone('erased owners');
  }

  /** Takes any of the imports back that have ended, the newest or an older one that others were written over. */
  async #undo(book: Book): Promise<void> {
    const { onNote, random } = this.#parts;
    if (book.undoable.length === 0) return;
    const [importId = ''] = book.undoable.splice(between(random, 0, book.undoable.length - 1), 1);
    onNote(`undoes import ${importId}`);
    await book.undo(importId);
    onNote(`has undone import ${importId}`);
    this.#parts.onDone('undos');
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

  /** A file with one contact of a company of its own, which is not spoilt yet. */
  #generateSpoilt(book: Book): [company: string, file: GeneratedFile] {
    const company = `${SPOILT}${this.#parts.name} ${this.#sent}`;
    return [company, this.#generate(book, company)];
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
    const { name, owner, api, signal, findings, mayLose } = this.#parts;
    const domain = `book-${this.books.length + 1}.${name}.example`;
    const token = this.#token;
    const book = new Book({ owner, domain, api, signal, findings, token, mayLose });
    this.books.push(book);
    return book;
  }
}

/** Resolves when any of the signals is aborted. */
function once(...signals: readonly AbortSignal[]): Promise<void> {
  const either = AbortSignal.any([...signals]);
  if (either.aborted) return Promise.resolve();
  return new Promise((resolve) => either.addEventListener('abort', () => resolve(), { once: true }));
}
