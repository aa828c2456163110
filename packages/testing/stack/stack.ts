/** All of Tidings in one real process, with a port and a folder of its own, which tests start, kill and start again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { copyEmptyContactStore } from '../empty-contact-store.ts';

export const startScript = fileURLToPath(new URL('../../../all-in-one/start.mjs', import.meta.url));
/** Milliseconds in which a start must end, on a busy machine. */
const START_TIMEOUT_MS = 110_000;

export interface Stack {
  readonly url: string;
  readonly supportUrl: string;
  readonly supportToken: string;
  /** What publishes to every channel. */
  readonly apiKey: string;
  readonly pid: number;
  /** Its own; removed when it is disposed of. */
  readonly directory: string;
  /** Kills the process; resolves when it has ended. */
  kill(): Promise<void>;
  /** Starts it again on the same port and folder. */
  start(): Promise<void>;
  isRunning(): boolean;
  /** Asks it to stop, as Ctrl-C does; resolves with the exit code. */
  interrupt(): Promise<number | null>;
  /** Ends it if it runs, and removes its folder. */
  dispose(): Promise<void>;
  /** Its output. */
  output(): string;
}

export interface StackOptions {
  /** In which it gets its own; default: the system's temporary folder. */
  readonly folder?: string;
  /** Whether it makes its database itself, which takes three seconds of the processor; default: it finds an empty one. */
  readonly isFirstStart?: boolean;
}

/** @param environment its own; `PORT` where the port must be known before, else any free one is taken */
export async function startStack(
  environment: Readonly<Record<string, string>> = {},
  { folder = tmpdir(), isFirstStart = false }: StackOptions = {},
): Promise<Stack> {
  const directory = await mkdtemp(join(folder, 'tidings-e2e-'));
  const stack = new RunningStack(directory, environment);
  try {
    if (!isFirstStart) {
      await mkdir(join(directory, 'data'), { mode: 0o700 });
      await copyEmptyContactStore(join(directory, 'data', 'contacts'));
    }
    await stack.start();
  } catch (error) {
    await stack.dispose();
    throw error;
  }
  return stack;
}

class RunningStack implements Stack {
  url = '';
  supportUrl = '';
  readonly directory: string;
  readonly #environment: Readonly<Record<string, string>>;
  #child: ChildProcess | null = null;
  #output = '';

  constructor(directory: string, environment: Readonly<Record<string, string>>) {
    this.directory = directory;
    this.#environment = environment;
  }

  get supportToken(): string {
    return this.#environment.SUPPORT_TOKEN ?? new URL(this.supportUrl).hash.replace('#token=', '');
  }

  get apiKey(): string {
    return this.#environment.PUBLISH_API_KEY ?? /API key\s+(\S+)\n/.exec(this.#output)?.[1] ?? '';
  }

  get pid(): number {
    if (this.#child?.pid === undefined) throw new Error('the server does not run');
    return this.#child.pid;
  }

  output(): string {
    return this.#output;
  }

  async start(): Promise<void> {
    const port = this.#environment.PORT ?? (this.url === '' ? '0' : new URL(this.url).port);
    const child = spawn(process.execPath, [startScript], {
      env: {
        ...process.env,
        LOG_LEVEL: 'warn',
        ...this.#environment,
        PORT: port,
        DATA_DIR: join(this.directory, 'data'),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    const from = this.#output.length;
    const ready = new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`the server was not ready in time:\n${this.#output}`)),
        START_TIMEOUT_MS,
      );
      const read = (bytes: Buffer) => {
        this.#output += bytes.toString();
        const [, url] = /Import contacts\s+(\S+?)\/?\n/.exec(this.#output.slice(from)) ?? [];
        const [, supportUrl] = /Support\s+(\S+)\n/.exec(this.#output.slice(from)) ?? [];
        if (url === undefined || supportUrl === undefined) return;
        [this.url, this.supportUrl] = [url, supportUrl];
        clearTimeout(timer);
        resolve();
      };
      child.stdout.on('data', read);
      child.stderr.on('data', read);
      child.once('exit', (code) => {
        clearTimeout(timer);
        reject(new Error(`the server ended with ${code}:\n${this.#output}`));
      });
    });
    await ready;
  }

  isRunning(): boolean {
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async interrupt(): Promise<number | null> {
    return this.#end('SIGINT');
  }

  async dispose(): Promise<void> {
    await this.#end('SIGKILL');
    await rm(this.directory, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null)
      return child?.exitCode ?? null;
    const exited = once(child, 'exit');
    child.kill(signal);
    const [code] = (await exited) as [number | null];
    return code;
  }
}
