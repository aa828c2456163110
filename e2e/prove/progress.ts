/** What the proof shows while it runs, and what it writes down for whoever reads a run that has failed. */
import { appendFileSync } from 'node:fs';
import { type ImportState, rowsReported } from '@tidings/contracts/imports/import.ts';
import { type FaultEvent, type FaultKind, faultKinds } from './systems/faults.ts';

/** Milliseconds between two lines where the screen is no terminal. */
const PLAIN_LINE_MS = 10_000;
const LIVE_LINE_MS = 250;

/** A screen: `process.stdout`, or what a test reads. */
export interface Screen {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export class Progress {
  readonly faults = new Map<FaultKind, number>(faultKinds.map((kind) => [kind, 0]));
  imports = 0;
  rows = 0;
  /** What else was done, how often. */
  readonly others = new Map<string, number>();
  readonly #screen: Screen;
  readonly #journal: string;
  readonly #startedAt = performance.now();
  readonly #running = new Set<string>();
  #phase = 'starting';
  #timer: NodeJS.Timeout | null = null;

  /** @param journal file that gets a line for every fault and every import, with the time */
  constructor(screen: Screen, journal: string) {
    this.#screen = screen;
    this.#journal = journal;
  }

  begin(): void {
    const everyMs = this.#screen.isTTY === true ? LIVE_LINE_MS : PLAIN_LINE_MS;
    this.#timer = setInterval(() => this.#show(), everyMs);
  }

  end(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#clear();
  }

  phase(phase: string): void {
    this.#phase = phase;
    this.note(phase);
    this.#show();
  }

  fault({ fault, what, lastsMs }: FaultEvent): void {
    const name = `${fault.kind} ${fault.target}`;
    if (what === 'begins') {
      this.faults.set(fault.kind, (this.faults.get(fault.kind) ?? 0) + 1);
      this.#running.add(name);
      this.note(`${name} for ${(lastsMs / 1000).toFixed(1)} s`);
    } else {
      this.#running.delete(name);
      this.note(`${name} is over`);
    }
  }

  settled(state: ImportState): void {
    this.imports += 1;
    this.rows += rowsReported(state);
    if (state.rows.failed > 0) this.done('imports that keep failed rows');
  }

  done(what: string): void {
    this.others.set(what, (this.others.get(what) ?? 0) + 1);
  }

  note(line: string): void {
    appendFileSync(this.#journal, `${this.#elapsed()} ${line}\n`);
  }

  #show(): void {
    const faults = [...this.faults]
      .flatMap(([kind, count]) => (count === 0 ? [] : `${count} ${kind}`))
      .join(', ');
    const now = this.#running.size === 0 ? '' : ` · now ${[...this.#running].join(', ')}`;
    const line = `${this.#elapsed()} ${this.#phase} · ${this.imports} imports, ${this.rows.toLocaleString('en')} rows · ${faults || 'no fault yet'}${now}`;
    if (this.#screen.isTTY === true) this.#screen.write(`\r\x1b[K${line.slice(0, 160)}`);
    else this.#screen.write(`${line}\n`);
  }

  #clear(): void {
    if (this.#screen.isTTY === true) this.#screen.write('\r\x1b[K');
  }

  #elapsed(): string {
    const seconds = (performance.now() - this.#startedAt) / 1000;
    return `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${(seconds % 60).toFixed(1).padStart(4, '0')}`;
  }
}
