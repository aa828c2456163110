import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { build } from 'vite';
import type { ChildOrders } from './child-orders.ts';

const cache = join(import.meta.dirname, '../../../../node_modules/.cache');

/** Compiles a program once, so that each of hundreds of starts takes a tenth of a second instead of half of one. */
export class ChildProgram {
  private readonly directory: string;
  private readonly file: string;

  private constructor(directory: string, file: string) {
    this.directory = directory;
    this.file = file;
  }

  static async compile(entry: string): Promise<ChildProgram> {
    await mkdir(cache, { recursive: true });
    // Below node_modules, so that the program finds its imports.
    const directory = await mkdtemp(join(cache, 'conformance-'));
    await build({
      configFile: false,
      logLevel: 'error',
      build: { ssr: entry, outDir: directory, target: 'node20', minify: false },
    });
    return new ChildProgram(directory, join(directory, basename(entry).replace(/\.ts$/, '.js')));
  }

  start(orders: ChildOrders): Child {
    return new Child(
      spawn(process.execPath, [this.file, JSON.stringify(orders)], { stdio: ['ignore', 'pipe', 'pipe'] }),
    );
  }

  async dispose(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** A child process that copies, retries or requests. */
export class Child {
  /** The numbers that it has printed: to copy or request, those whose append was acknowledged. */
  readonly acknowledged: number[] = [];
  private readonly process: ChildProcessByStdio<null, Readable, Readable>;
  private readonly ended: Promise<unknown>;
  private complaints = '';

  constructor(process: ChildProcessByStdio<null, Readable, Readable>) {
    this.process = process;
    const lines = createInterface({ input: process.stdout });
    lines.on('line', (line) => this.acknowledged.push(Number(line)));
    process.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      this.complaints += chunk;
    });
    this.ended = Promise.all([once(process, 'exit'), once(lines, 'close')]);
  }

  /** Resolves with the first acknowledgement, or when the process has ended. */
  async working(): Promise<void> {
    await Promise.race([once(this.process.stdout, 'data'), this.ended]);
  }

  /** Resolves once it has printed the number, or when the process has ended. */
  async printed(number: number): Promise<void> {
    while (!this.acknowledged.includes(number) && this.process.exitCode === null && !this.process.signalCode)
      await Promise.race([once(this.process.stdout, 'data'), this.ended]);
  }

  kill(): void {
    this.process.kill('SIGKILL');
  }

  /** Resolves when the process has ended; rejects if the signal did not end it. */
  async dead(): Promise<void> {
    await this.ended;
    if (this.process.signalCode !== 'SIGKILL') {
      throw new Error(
        `The child ended with ${this.process.exitCode} before it was killed: ${this.complaints}`,
      );
    }
  }
}
