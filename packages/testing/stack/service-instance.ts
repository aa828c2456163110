/** A service as a real process, which tests start, pause, kill and start again on the same port. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { identify, type ProcessIdentity } from '../engines/process-table.mjs';
import { untilReady } from '../engines/until-ready.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));

import type { ServiceName } from '@tidings/service-kit/programs.mjs';

/** Milliseconds in which a start must end, on a busy machine. */
const START_TIMEOUT_MS = 90_000;
/** Characters at the end of what it has printed that are kept. */
const KEPT_OUTPUT = 200_000;

export interface InstanceParts {
  readonly service: ServiceName;
  readonly port: number;
  /** Not given: the same. */
  readonly healthPort?: number;
  readonly environment: Readonly<Record<string, string>>;
  /** Called for every new process, for a guard that ends it if this process dies. */
  readonly onSpawn: (identity: ProcessIdentity) => void;
}

/** What `/readyz` says. */
export interface Readiness {
  readonly status: 'ready' | 'not_ready';
  readonly checks: readonly { readonly name: string; readonly ready: boolean; readonly reason?: string }[];
}

export class ServiceInstance {
  readonly service: ServiceName;
  readonly port: number;
  /** Of the instance itself, past any proxy. */
  readonly url: string;
  /** Where `/livez`, `/readyz` and `/metrics` are. */
  readonly healthUrl: string;
  readonly #parts: InstanceParts;
  #child: ChildProcess | null = null;
  #closed: Promise<unknown> | null = null;
  #output = '';

  constructor(parts: InstanceParts) {
    this.service = parts.service;
    this.port = parts.port;
    this.url = `http://127.0.0.1:${parts.port}`;
    this.healthUrl = `http://127.0.0.1:${parts.healthPort ?? parts.port}`;
    this.#parts = parts;
  }

  get running(): boolean {
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  get pid(): number {
    if (!this.running || this.#child?.pid === undefined) throw new Error(`${this.service} does not run`);
    return this.#child.pid;
  }

  /** The end of its output, over its restarts. */
  output(): string {
    return this.#output;
  }

  /** Starts the process by the command that the image runs, and waits for nothing. The caller has built the services. */
  spawn(): void {
    if (this.running) throw new Error(`${this.service} runs already`);
    const { healthPort } = this.#parts;
    const ports = {
      PORT: String(this.port),
      ...(healthPort !== undefined && { HEALTH_PORT: String(healthPort) }),
    };
    const child = spawn('dist/run', [this.service], {
      cwd: root,
      // The process has a session of its own, as under systemd or in a container: Linux shares cores between sessions.
      detached: true,
      env: { PATH: process.env.PATH, ...this.#parts.environment, ...ports },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#closed = once(child, 'close');
    const read = (bytes: Buffer) => {
      this.#output = (this.#output + bytes.toString()).slice(-KEPT_OUTPUT);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    const identity = child.pid === undefined ? undefined : identify(child.pid);
    if (identity !== undefined) this.#parts.onSpawn(identity);
  }

  /** Starts it, and resolves when it says that it is ready. */
  async start(): Promise<void> {
    this.spawn();
    await this.untilReady();
  }

  async untilReady(): Promise<void> {
    const probe = async () => {
      const readiness = await this.readiness();
      if (readiness?.status !== 'ready') throw new Error(JSON.stringify(readiness));
    };
    const { outcome, reason } = await untilReady(probe, () => this.running, START_TIMEOUT_MS);
    if (outcome === 'ready') return;
    const what = outcome === 'ended' ? 'ended' : 'was not ready';
    throw new Error(`${this.service} ${what}: ${reason}\n${this.#output}`);
  }

  /** null where nothing answers. */
  async readiness(): Promise<Readiness | null> {
    try {
      const response = await fetch(`${this.healthUrl}/readyz`, { signal: AbortSignal.timeout(5_000) });
      return (await response.json()) as Readiness;
    } catch {
      return null;
    }
  }

  /** What `/metrics` says. */
  async metrics(): Promise<string> {
    return (await fetch(`${this.healthUrl}/metrics`)).text();
  }

  /** Kills it; resolves when it has ended. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Asks it to stop, as an orchestrator does; resolves with its exit code, null where a signal ended it. */
  stop(): Promise<number | null> {
    return this.#end('SIGTERM');
  }

  /** Resolves with the exit code once it has ended by itself, and all that it has printed is read. */
  async exited(): Promise<number | null> {
    const child = this.#child;
    if (child === null) throw new Error(`${this.service} was never started`);
    await this.#closed;
    return child.exitCode;
  }

  /** Stops it gently, and starts it again; resolves when it is ready. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Pauses it (SIGSTOP): connections stay open, and nothing answers. */
  pause(): void {
    process.kill(this.pid, 'SIGSTOP');
  }

  resume(): void {
    process.kill(this.pid, 'SIGCONT');
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child;
    if (child === null || !this.running) return child?.exitCode ?? null;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
    return child.exitCode;
  }
}
