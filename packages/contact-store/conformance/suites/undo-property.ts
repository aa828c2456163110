/** Conformance: imports, edits, deletions, closed gates, further uploads and undos in any order give what the model gives. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ValidRow } from '../../chunk-to-apply.ts';
import type { ContactStore } from '../../contact-store.ts';
import type { Database } from '../../databases/database.ts';
import { takePageBack, type UndoMode } from '../../undo/take-page-back.ts';
import type { PageToUndo, UndonePage } from '../../undo-page.ts';
import type { ModelContact } from '../models/bucket-rule-model.ts';
import { ModelImport, UndoModel } from '../models/undo-model.ts';
import type { Subject } from '../subject.ts';
import { chunkOf, contactsOf, delta, newId, validRow } from '../test/test-imports.ts';

const emails = ['a@example.org', 'b@example.org', 'c@example.org', 'd@example.org'];
const IMPORTS = 3;
const CHUNKS = 3;
/** Small, so that an undo has several pages, and others come between them. */
const CONTACTS_PER_PAGE = 2;

const email = fc.constantFrom(...emails);
const value = fc.constantFrom('x', 'y', 'z');
const importNumber = fc.nat(IMPORTS - 1);
const said: fc.Arbitrary<ModelContact> = fc
  .record({
    firstName: fc.option(value, { nil: '' }),
    company: fc.option(value, { nil: '' }),
    'attributes.notes': fc.option(value, { nil: '' }),
    spelling: fc.option(fc.constantFrom('A@Example.org', 'ａ@example.org'), { nil: '' }),
  })
  .map((all) => Object.fromEntries(Object.entries(all).filter(([, text]) => text !== '')));
/** The files: import, chunk, rows. */
const files = fc.array(
  fc.array(fc.array(fc.tuple(email, said), { minLength: 1, maxLength: 4 }), {
    minLength: CHUNKS,
    maxLength: CHUNKS,
  }),
  { minLength: IMPORTS, maxLength: IMPORTS },
);
const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant('chunk'), by: importNumber, chunk: fc.nat(CHUNKS - 1) }),
  },
  // A chunk of an upload that is no longer the newest.
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('late chunk'), by: importNumber, chunk: fc.nat(CHUNKS - 1) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('edit'),
      email,
      name: fc.constantFrom('firstName', 'company', 'attributes.notes'),
      value,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete'), email }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('close'), by: importNumber }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('undo page'), by: importNumber }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('page fails'), by: importNumber }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('page again'), by: importNumber }) },
  // The undo is begun again, and a page of the one before comes late.
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('late page'), by: importNumber }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('next upload'), by: importNumber }) },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

interface Run {
  readonly model: ModelImport;
  readonly importId: string;
  readonly uploads: string[];
  /** The page that the undo waits for. */
  waiting: PageToUndo | null;
  last: { readonly page: PageToUndo; readonly done: UndonePage } | null;
  /** Undos of the newest upload. */
  undos: number;
}

class Scenario {
  readonly #store: ContactStore;
  readonly #database: Database;
  readonly #files: readonly (readonly (readonly ValidRow[])[])[];
  readonly #owner = newId();
  readonly #model = new UndoModel();
  readonly #runs: readonly Run[] = Array.from({ length: IMPORTS }, () => ({
    model: new ModelImport(),
    importId: newId(),
    uploads: [newId()],
    waiting: null,
    last: null,
    undos: 0,
  }));

  constructor(
    subject: Subject,
    said: readonly (readonly (readonly (readonly [string, ModelContact])[])[])[],
  ) {
    this.#store = subject.store();
    this.#database = subject.database();
    this.#files = said.map((chunks) =>
      chunks.map((rows, chunk) =>
        rows.map(([address, values], row) => validRow(10 * chunk + row, address, values)),
      ),
    );
  }

  async take(step: Step): Promise<void> {
    const run = 'by' in step ? this.#runs[step.by] : undefined;
    if ('email' in step) await this.#write(step);
    else if (run === undefined) throw new Error('There is no such import.');
    else if ('chunk' in step)
      await this.#chunk(run, step.by, step.chunk, step.kind === 'chunk' ? run.uploads.length - 1 : 0);
    else if (step.kind === 'close') await this.#close(run);
    else if (step.kind === 'undo page') await this.#undoPage(run, 'reverse');
    else if (step.kind === 'page fails') await this.#undoPage(run, 'pass over');
    else if (step.kind === 'page again') await this.#pageAgain(run);
    else if (step.kind === 'late page') await this.#latePage(run);
    else if (run.waiting === null) {
      run.uploads.push(newId());
      run.undos = 0;
    }
    expect(await contactsOf(this.#store, this.#owner)).toEqual(this.#model.contacts());
  }

  /** Takes everything back, the newest first, and compares what is listed. */
  async end(): Promise<void> {
    for (const run of this.#runs.toReversed()) {
      while (run.waiting !== null) await this.#undoPage(run, 'reverse');
      await this.#compareList(run);
      do await this.#undoPage(run, 'reverse');
      while (run.waiting !== null);
      expect(await contactsOf(this.#store, this.#owner)).toEqual(this.#model.contacts());
      expect(run.model.touched.size + run.model.failed.size).toBe(0);
      await this.#compareList(run);
    }
  }

  async #compareList({ importId, model }: Run): Promise<void> {
    const isThere = (person: { readonly email: string }) => this.#model.people.get(person.email) === person;
    const { items } = await this.#store.listUndo({ importId, limit: 500 });
    expect(items.map((item) => `${item.email} ${item.outcome} ${item.reason}`).sort()).toEqual(
      [
        ...[...model.kept]
          .filter(([person]) => isThere(person))
          .map(([person, reason]) => `${person.email} kept ${reason}`),
        ...[...model.failed].filter(isThere).map(({ email }) => `${email} failed page_failed`),
      ].sort(),
    );
  }

  #upload(run: Run, number = run.uploads.length - 1) {
    return { importId: run.importId, uploadId: run.uploads[number] ?? '', owner: this.#owner };
  }

  async #chunk(run: Run, file: number, chunk: number, upload: number): Promise<void> {
    const rows = this.#files[file]?.[chunk] ?? [];
    const { delta: counted } = await this.#store.applyChunk(chunkOf(this.#upload(run, upload), chunk, rows));
    expect(counted).toEqual(delta(this.#model.chunk(run.model, upload, chunk, rows)));
    for (const { id, email: address } of (await this.#store.listContacts({ owner: this.#owner, limit: 500 }))
      .items) {
      const person = this.#model.people.get(address);
      if (person !== undefined) person.id = id;
    }
  }

  async #write(step: Extract<Step, { email: string }>): Promise<void> {
    const id = this.#model.people.get(step.email)?.id ?? null;
    if (id === null) return;
    if ('name' in step) {
      this.#model.edit(step.email, step.name, step.value);
      const attribute = step.name.replace('attributes.', '');
      const isField = attribute === step.name;
      await this.#store.patchContact(
        this.#owner,
        id,
        isField ? { [step.name]: step.value } : { attributes: { [attribute]: step.value } },
      );
    } else {
      this.#model.delete(
        step.email,
        this.#runs.map(({ model }) => model),
      );
      await this.#store.deleteContact(this.#owner, id);
    }
  }

  async #close(run: Run): Promise<void> {
    await this.#store.closeGate(this.#upload(run));
    this.#model.close(run.model, run.uploads.length - 1);
  }

  async #undoPage(run: Run, mode: UndoMode): Promise<void> {
    const page = run.waiting ?? this.#firstPage(run);
    const done = await takePageBack(this.#database, page, mode, CONTACTS_PER_PAGE);
    const { earlier, ...expected } = this.#model.undoPage(
      this.#runs.map(({ model }) => model),
      ...([run.model, run.uploads.length - 1, page.after, CONTACTS_PER_PAGE, mode] as const),
    );
    expect(done).toEqual({ ...expected, ...(page.page === 0 ? { earlier } : {}), replayed: false });
    run.last = { page, done };
    run.waiting = done.next === null ? null : { ...page, page: page.page + 1, after: done.next };
  }

  #firstPage(run: Run): PageToUndo {
    run.undos += 1;
    return { ...this.#upload(run), undoId: newId(), run: run.undos, page: 0, after: null };
  }

  /** Whoever has it, a page of an undo that another one has followed does nothing. */
  async #latePage(run: Run): Promise<void> {
    const { waiting } = run;
    if (waiting === null || run.model.upload !== run.uploads.length - 1) return;
    run.waiting = this.#firstPage(run);
    await this.#undoPage(run, 'reverse');
    const leftAlone = { reversed: 0, kept: 0, failed: 1, next: null, replayed: false };
    for (const late of [waiting, { ...waiting, undoId: newId(), page: 0, after: null }])
      expect(await this.#store.undoPage(late)).toEqual(leftAlone);
  }

  async #pageAgain(run: Run): Promise<void> {
    // The page of an upload that is no longer the newest finds nothing, whoever asks.
    const { uploadId } = this.#upload(run, run.model.upload);
    if (run.last === null || run.last.page.uploadId !== uploadId || run.last.page.run !== run.undos) return;
    expect(await this.#store.undoPage(run.last.page)).toEqual({ ...run.last.done, replayed: true });
  }
}

export function undoPropertySuite(subject: Subject): void {
  describe('imports and undos', () => {
    test('in any order, interrupted and repeated, give what the model gives', async () => {
      await fc.assert(
        fc.asyncProperty(files, fc.array(step, { minLength: 8, maxLength: 30 }), async (file, steps) => {
          const scenario = new Scenario(subject, file);
          for (const one of steps) await scenario.take(one);
          await scenario.end();
        }),
        { numRuns: subject.propertyRuns },
      );
    }, 600_000);
  });
}
