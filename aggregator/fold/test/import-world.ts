/**
 * What surrounds the fold of one import, in miniature: a receiver, importers with their retries and dead letters, the gate, the pages
 * of undos, and the projection. Each step sends commands as the services would, to the fold and, by what they mean, to a model.
 */
import type { FoldedImport } from '@tidings/contracts/imports/folded-import.ts';
import { type BucketCounts, isAtRest, noRows, sumRows } from '@tidings/contracts/imports/import.ts';
import type { ImportCommand } from '@tidings/contracts/imports/import-commands.ts';
import type { UndoPageWork } from '@tidings/contracts/imports/work.ts';
import { decodeFoldedImport } from '@tidings/contracts/schemas/imports/folded-import.ts';
import { decodeImportFold, encodeImportFold, type ImportFold } from '../../state/import-fold.ts';
import { type FoldResult, fold } from '../fold.ts';
import { ForgottenImports } from '../forgotten-imports.ts';
import { ImportModel } from './import-model.ts';
import { ATTEMPTS, type Choose, tellUndo, UndoWorld } from './undo-world.ts';

export const importId = '0198c0de-0000-7000-8000-000000000002';

const idOf = (kind: number, number: number) =>
  `0198c0de-0000-7000-${8_000 + kind}-${String(number).padStart(12, '0')}`;

interface Work {
  readonly uploadId: string;
  readonly chunk: number;
  readonly attempt: number;
}

/** A requeue between its look-up of the import and its command. */
interface Requeue {
  readonly work: Work | UndoPageWork;
  readonly found: Found;
}

/** What a look-up has found: null where the import ran. */
interface Found {
  readonly folded: FoldedImport | null;
  readonly asOf: number;
}

export type Observer = (before: ImportFold | undefined, command: ImportCommand, result: FoldResult) => void;

export class ImportWorld {
  live: ImportFold | undefined;
  model: ImportModel;
  /** The import as the contact store has it. */
  projected: FoldedImport | null = null;
  readonly undos = new UndoWorld();
  readonly #observe: Observer;
  #forgotten = new ForgottenImports();
  #offset = 0;
  #at = 1_000_000;
  #uploads = 0;
  #heartbeats = 0;
  /** The chunks that somebody found on the log before it takes the upload for dead; null while the receiver lives. */
  #found: number[] | null = null;
  #work: Work[] = [];
  #retries: Work[] = [];
  /** What the log has lost, and finds again. */
  #hidden: Work[] = [];
  readonly #dead = new Map<string, Work>();
  /** Orders that are being obeyed, or are given once more. */
  #requeues: Requeue[] = [];
  /** What the contact store has applied; a redelivered chunk repeats it. */
  readonly #ledger = new Map<string, BucketCounts>();
  #isGateClosed = false;
  /** Commands that may come again, at any time. */
  readonly #sent: ImportCommand[] = [];

  constructor(observe: Observer, autoUndo: boolean) {
    this.#observe = observe;
    this.model = new ImportModel(autoUndo);
    this.#accept(autoUndo);
  }

  get uploadId(): string {
    return idOf(1, this.#uploads);
  }

  /** Whether nothing is left that goes on by itself. */
  get isIdle(): boolean {
    const isReceived = this.model.uploadEnd !== null;
    const { asked, requeued } = this.undos;
    const pages = asked.length + requeued.length;
    return isReceived && this.#work.length + this.#retries.length + this.#requeues.length + pages === 0;
  }

  /** Does one of everything that may happen. */
  step(choose: Choose): void {
    const steps = [
      () => this.append(choose),
      () => this.append(choose),
      () => this.#beat(choose),
      () => this.#endUpload(choose),
      () => this.#findDead(),
      () => this.#handle(choose),
      () => this.#handle(choose),
      () => this.#handle(choose),
      () => this.#cancel(),
      () => this.#requeue([...this.#dead.values()], choose),
      () => this.#requeue([...this.undos.dead.values()], choose),
      () => this.#obey(),
      () => this.#undo(choose),
      () => this.#doPage(choose),
      () => this.#doPage(choose),
      () => this.#lose(choose),
      () => this.#find(),
      () => this.#sweep(),
      () => this.#closeGate(),
      () => this.#stopWork(),
      () => this.#project(),
      () => this.#repeat(choose),
      () => this.#acceptNext(choose),
      () => this.#sendForeign(choose),
      () => this.#restart(),
    ];
    this.#at += choose(3_000);
    steps[choose(steps.length)]?.();
  }

  /** Lets all that is under way come to its end. */
  drain(choose: Choose): void {
    if (this.model.uploadEnd === null) this.#endUpload(choose);
    for (let turn = 0; !this.isIdle || !this.isAtRest; turn += 1) {
      if (turn > 10_000) throw new Error('the import comes to no end');
      this.#closeGate();
      this.#handle(choose);
      this.#obey();
      this.#doPage(choose);
      this.#sweep();
    }
  }

  /** Lets all come back that the log had lost and can find again. */
  findAll(choose: Choose): void {
    while (this.#hidden.length > 0) this.#find();
    this.drain(choose);
  }

  /** Begins the undo again until it has left nothing. */
  takeAllBack(choose: Choose): void {
    this.undos.isMended = true;
    while ((this.model.undo?.failed ?? 0) > 0) {
      this.#undo(choose);
      this.drain(choose);
    }
  }

  get isAtRest(): boolean {
    return this.live === undefined || isAtRest(this.live.state);
  }

  send(command: ImportCommand): FoldResult {
    this.#offset += 1;
    const cause = { eventId: idOf(2, this.#offset), correlationId: importId, traceparent: '' };
    const before = this.live;
    const logged = { importId, command, cause, offset: this.#offset, timestamp: this.#at };
    this.#forgotten.begin(this.#offset);
    const result = fold(before, logged, this.#forgotten);
    if (result.next === null && before !== undefined) this.#forgotten.add(before, this.#offset);
    this.live = result.next == null ? undefined : decodeImportFold(encodeImportFold(result.next));
    if (result.undoPage !== null) {
      this.undos.asked.push(result.undoPage);
      if (this.model.undo !== null) this.model.undo.id = result.undoPage.undoId;
    }
    this.#observe(before, command, result);
    return result;
  }

  append(choose: Choose): void {
    if (this.model.uploadEnd !== null || this.#found !== null) return;
    const chunk = this.model.rowsOf.size;
    this.model.rowsOf.set(chunk, choose(9));
    this.#work.push({ uploadId: this.uploadId, chunk, attempt: 1 });
  }

  #accept(autoUndo: boolean): void {
    this.#uploads += 1;
    const { uploadId } = this;
    this.undos.beginUpload(uploadId);
    const names = { channelId: 'c', owner: 'o', fileName: 'a.csv', clientReference: null };
    this.send({ type: 'import.accepted', data: { uploadId, ...names, autoUndo } });
  }

  #acceptNext(choose: Choose): void {
    if (this.model.status !== 'failed' || this.model.undo?.isRunning) return;
    this.model = new ImportModel(choose(2) === 0);
    this.#heartbeats = 0;
    this.#found = null;
    this.#isGateClosed = false;
    this.#accept(this.model.autoUndo);
  }

  #beat(choose: Choose): void {
    if (this.model.uploadEnd !== null || this.#found !== null) return;
    this.#heartbeats += 1;
    const chunks = choose(2) === 0 ? { chunks: this.model.rowsOf.size } : {};
    this.#sendAgain({
      type: 'upload.heartbeat',
      data: { uploadId: this.uploadId, number: this.#heartbeats, bytes: this.#heartbeats, ...chunks },
    });
  }

  #findDead(): void {
    if (this.model.uploadEnd === null) this.#found ??= this.#waiting();
  }

  #waiting(): number[] {
    return this.#work.filter(({ uploadId }) => uploadId === this.uploadId).map(({ chunk }) => chunk);
  }

  #endUpload(choose: Choose): void {
    if (this.model.uploadEnd !== null) return;
    const { uploadId } = this;
    const [chunks, rows] = [this.model.rowsOf.size, this.model.total];
    const pending = this.#found ?? this.#waiting();
    const kind = this.#found === null ? choose(4) : 1 + choose(2);
    if (kind === 0)
      this.#end('sealed', { type: 'upload.sealed', data: { uploadId, chunks, rows, bytes: 1 } });
    else if (kind === 1) {
      // A sweeper that has not seen the newest heartbeat comes first, and counts for nothing.
      if (this.#heartbeats > 0) {
        const heartbeat = this.#heartbeats - 1;
        this.send({ type: 'upload.expired', data: { uploadId, heartbeat, pending: [] } });
      }
      const heartbeat = this.#heartbeats;
      this.#end('aborted', { type: 'upload.expired', data: { uploadId, heartbeat, pending } });
    } else {
      const onLog = kind === 2 ? { pending } : { count: chunks, rows };
      const data = { uploadId, error: 'connection_broken' as const, chunks: onLog, bytes: 1 };
      this.#end('aborted', { type: 'upload.aborted', data });
    }
  }

  #end(end: 'sealed' | 'aborted', command: ImportCommand): void {
    const knowsRows =
      'rows' in command.data ||
      ('chunks' in command.data && Object.hasOwn(Object(command.data.chunks), 'rows'));
    this.model.endUpload(end, knowsRows);
    this.#sendAgain(command);
  }

  /** An importer takes a chunk from the log, or one whose retry is due. */
  #handle(choose: Choose): void {
    const queue = this.#work.length > 0 && choose(3) > 0 ? this.#work : this.#retries;
    const [work] = queue.splice(choose(Math.max(queue.length, 1)), 1);
    if (work === undefined) return;
    const { uploadId, chunk, attempt } = work;
    const key = `${uploadId}/${chunk}`;
    const isCurrent = uploadId === this.uploadId;
    const rows = isCurrent ? (this.model.rowsOf.get(chunk) ?? 0) : 0;
    const isPassedBy = !isCurrent || this.#isGateClosed;
    const delta =
      this.#ledger.get(key) ?? (isPassedBy ? { ...noRows(), cancelled: rows } : randomDelta(rows, choose));
    if (this.#ledger.has(key) || isPassedBy || choose(3) > 0) {
      this.#ledger.set(key, delta);
      if (isCurrent && this.live !== undefined) this.model.report(chunk, delta);
      this.#sendAgain({ type: 'chunk.completed', data: { uploadId, chunk, rows, delta } });
    } else if (attempt < ATTEMPTS) {
      this.model.retry(chunk);
      this.#retries.push({ ...work, attempt: attempt + 1 });
      const dueAt = new Date(this.#at + choose(60_000)).toISOString();
      const data = { uploadId, chunk, attempt: attempt + 1, attempts: ATTEMPTS, dueAt, code: 'x' };
      this.#sendAgain({ type: 'chunk.retrying', data });
    } else {
      this.model.report(chunk, 'failed');
      this.#dead.set(key, work);
      this.#sendAgain({ type: 'chunk.failed', data: { uploadId, chunk, rows, code: 'x', message: 'x' } });
    }
  }

  /** The log loses a chunk, for good or for a while, or the page that an undo waits for. */
  #lose(choose: Choose): void {
    if (choose(3) === 0) {
      this.undos.lose();
      return;
    }
    // What is gone before the upload has ended is not found on the log, where its receiver cannot tell.
    const queue = this.model.uploadEnd !== null && choose(2) === 0 ? this.#work : this.#retries;
    const [work] = queue.splice(choose(Math.max(queue.length, 1)), 1);
    if (work !== undefined && choose(2) === 0) this.#hidden.push(work);
  }

  #find(): void {
    this.#work.push(...this.#hidden.splice(0, 1));
  }

  /** Sweepers tell that work is gone once nothing of the import is on its way: the second one, and one that lags behind, for nothing. */
  #sweep(): void {
    const { live, uploadId } = this;
    if (live === undefined || this.model.uploadEnd === null) return;
    const { version } = live.state;
    this.send({ type: 'work.lost', data: { uploadId, version: version - 1 } });
    const isOnItsWay = [...this.#work, ...this.#retries].some((work) => work.uploadId === uploadId);
    const { asked, requeued } = this.undos;
    if (isOnItsWay || asked.length + requeued.length > 0 || isAtRest(live.state)) return;
    this.undos.hasLostPage = false;
    this.model.lose();
    for (let sweeper = 0; sweeper < 2; sweeper += 1)
      this.send({ type: 'work.lost', data: { uploadId, version } });
  }

  #cancel(): void {
    this.model.cancel();
    this.send({ type: 'import.cancel', data: { by: 'owner' } });
  }

  #requeue(dead: readonly (Work | UndoPageWork)[], choose: Choose): void {
    const work = dead[choose(Math.max(dead.length, 1))];
    if (work === undefined) return;
    this.#requeues.push({ work, found: this.#lookUp() });
  }

  #lookUp(): Found {
    const { live } = this;
    const asOf = this.#offset + 1;
    if (live === undefined) return { folded: this.projected, asOf };
    return { folded: isAtRest(live.state) ? decodeFoldedImport(encodeImportFold(live)) : null, asOf };
  }

  /** Another aggregator has the partition now. */
  #restart(): void {
    this.#forgotten = new ForgottenImports();
  }

  /** Whatever has happened since the look-up, the chunk or page is put back with the command that was made then. */
  #obey(): void {
    const requeue = this.#requeues.shift();
    if (requeue === undefined) return;
    const { work, found } = requeue;
    if ('undoId' in work) this.#putPageBack(work, found);
    else this.#putChunkBack(work, found);
  }

  #putPageBack(work: UndoPageWork, found: Found): void {
    const { undoId, page } = work;
    const key = `${undoId}/${page}`;
    if (!this.undos.dead.has(key)) return;
    this.undos.requeued.push(work);
    const letter = { group: 'g', topic: 't', partition: 0, offset: 0, key };
    const command: ImportCommand = { type: 'undo.page_requeued', data: { undoId, page, ...found, letter } };
    const result = this.send(command);
    if (result.cameTooLate) {
      this.#requeues.push({ work, found: { folded: this.projected, asOf: this.#offset + 1 } });
      return;
    }
    this.undos.dead.delete(key);
    tellUndo(this.model.undo, command);
  }

  #putChunkBack(work: Work, found: Found): void {
    const { uploadId, chunk } = work;
    const key = `${uploadId}/${chunk}`;
    // An order about what is no longer there does nothing.
    if (!this.#dead.has(key)) return;
    const isCurrent = uploadId === this.uploadId;
    const rows = isCurrent ? (this.model.rowsOf.get(chunk) ?? 0) : 0;
    this.#work.push({ ...work, attempt: 1 });
    const command: ImportCommand = { type: 'chunk.requeued', data: { uploadId, chunk, rows, ...found } };
    const result = this.send(command);
    if (result.cameTooLate) {
      this.#requeues.push({ work, found: { folded: this.projected, asOf: this.#offset + 1 } });
      return;
    }
    this.#dead.delete(key);
    if (isCurrent) this.model.requeue(chunk);
  }

  #undo(choose: Choose): void {
    const folded = this.live === undefined || choose(2) === 0 ? this.projected : null;
    const again = this.model.undo?.id ?? null;
    this.model.askUndo(again);
    this.#sendAgain({ type: 'import.undo', data: { by: 'owner', folded, asOf: this.#offset + 1, again } });
  }

  #doPage(choose: Choose): void {
    const dueAt = new Date(this.#at + choose(60_000)).toISOString();
    const command = this.undos.handle(choose, dueAt);
    if (command === null) return;
    const isDone = command.type === 'undo.page_completed';
    if (isDone && command.data.undoId === this.model.undo?.id) this.#isGateClosed = true;
    if (this.live !== undefined) tellUndo(this.model.undo, command);
    this.#sendAgain(command);
  }

  #closeGate(): void {
    const { status, uploadEnd, autoUndo } = this.model;
    if (status === 'cancelling' || (uploadEnd === 'aborted' && autoUndo)) this.#isGateClosed = true;
  }

  /** The gate is closed; here each chunk is reported as soon as the ledger has it. */
  #stopWork(): void {
    if (!this.#isGateClosed || this.live === undefined) return;
    this.model.stop();
    this.#sendAgain({ type: 'work.stopped', data: { uploadId: this.uploadId } });
  }

  #project(): void {
    const { live } = this;
    // A requeued chunk of a failure that is reported twice may still be under way.
    const isBusy = this.#work.length + this.#retries.length + this.#hidden.length > 0;
    if (live === undefined || !isAtRest(live.state) || isBusy) return;
    const compare = live.state.version;
    this.send({ type: 'import.compared', data: { version: compare, reconciled: true } });
    const folded = decodeFoldedImport(encodeImportFold(this.live ?? live));
    this.projected = folded;
    this.send({ type: 'import.projected', data: { version: folded.state.version } });
  }

  #repeat(choose: Choose): void {
    const command = this.#sent[choose(Math.max(this.#sent.length, 1))];
    if (command === undefined) return;
    if (
      command.type === 'chunk.failed' &&
      command.data.uploadId === this.uploadId &&
      this.live !== undefined
    ) {
      this.model.report(command.data.chunk, 'failed');
    }
    if (command.type === 'import.undo') {
      // A state from before the import went on and was forgotten again would be out of date.
      if (this.live === undefined) return;
      this.model.askUndo(command.data.again);
    }
    if (command.type === 'work.stopped' && command.data.uploadId === this.uploadId && this.live !== undefined)
      this.model.stop();
    if (this.live !== undefined) tellUndo(this.model.undo, command);
    this.send(command);
  }

  /** A command about another upload or undo. */
  #sendForeign(choose: Choose): void {
    const foreign = idOf(3, choose(9));
    const delta = { ...noRows(), created: 7 };
    const commands: ImportCommand[] = [
      { type: 'chunk.completed', data: { uploadId: foreign, chunk: choose(9), rows: 7, delta } },
      { type: 'upload.sealed', data: { uploadId: foreign, chunks: 1, rows: 7, bytes: 1 } },
      {
        type: 'undo.page_completed',
        data: { undoId: foreign, page: 0, reversed: 1, kept: 1, failed: 1, next: null },
      },
      { type: 'import.compared', data: { version: this.#offset + 5, reconciled: false } },
      { type: 'import.projected', data: { version: this.#offset + 5 } },
    ];
    if (this.live !== undefined) {
      const names = { channelId: 'c', owner: 'o', fileName: 'a.csv', clientReference: null, autoUndo: true };
      // The attempt would come to nothing, because the contact store takes chunks of the greatest id alone.
      commands.push({ type: 'import.accepted', data: { uploadId: idOf(1, 0), ...names } });
      const { version } = this.live.state;
      if (!isAtRest(this.live.state)) commands.push({ type: 'import.projected', data: { version } });
    }
    const command = commands[choose(commands.length)];
    if (command !== undefined) this.send(command);
  }

  /** Sends the command, which may be delivered again at any time. */
  #sendAgain(command: ImportCommand): void {
    this.#sent.push(command);
    this.send(command);
  }
}

/** Deltas that sum to the rows; one may move rows of another chunk. */
function randomDelta(rows: number, choose: Choose): BucketCounts {
  const delta = noRows();
  for (let row = 0; row < rows; row += 1) {
    const bucket = (['created', 'updated', 'unchanged', 'duplicate', 'rejected'] as const)[choose(5)];
    if (bucket !== undefined) delta[bucket] += 1;
  }
  const moved = choose(3);
  return sumRows(delta) === 0
    ? delta
    : { ...delta, created: delta.created - moved, duplicate: delta.duplicate + moved };
}
