/** An engine as a real process, which tests pause, kill and start again on the same port and data. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SystemUser } from './commands.ts';
import { EnginesError } from './errors.ts';
import {
  freezeTree,
  identify,
  isRunning,
  killTree,
  type ProcessIdentity,
  processTree,
  signalProcess,
  thawTree,
  waitUntilGone,
} from './process-table.mjs';
import { untilReady } from './until-ready.mjs';

/** Milliseconds in which an engine must answer, on a busy machine. */
const START_TIMEOUT_MS = 60_000;
/** Milliseconds that an engine gets to stop by itself. */
const STOP_TIMEOUT_MS = 15_000;
/** Characters at the end of an engine's log that an error quotes. */
const LOG_TAIL = 4_000;

export type EngineName = 'kafka' | 'redis' | 'postgres';

/** How an engine runs; every part stays the same over its restarts. */
export interface Launch {
  readonly name: EngineName;
  /** Where clients reach it, over TCP on 127.0.0.1; it holds the port, and the password where the engine asks for one. */
  readonly url: string;
  readonly command: string;
  readonly arguments: readonly string[];
  /** The folder of the engine's data; its log is `<directory>.log`. */
  readonly directory: string;
  readonly user?: SystemUser;
  readonly environment?: NodeJS.ProcessEnv;
  /** Resolves when the engine has answered a real request; rejects within seconds if it does not. */
  readonly probe: () => Promise<void>;
}

/** The signal by which each engine stops without waiting for its clients; at SIGTERM PostgreSQL would wait. */
export const stopSignals = {
  kafka: 'SIGTERM',
  redis: 'SIGTERM',
  postgres: 'SIGINT',
} as const satisfies Record<EngineName, NodeJS.Signals>;

export type SpawnListener = (name: EngineName, identity: ProcessIdentity) => void | Promise<void>;

/** What tests do to an engine. Each call acts on the engine and on every process below it. */
export interface Server {
  readonly name: EngineName;
  /** @throws EnginesError `not_running` */
  readonly pid: number;
  readonly running: boolean;
  /** Pauses it (SIGSTOP): connections stay open, and nothing answers. */
  pause(): void;
  /** Resumes it (SIGCONT). */
  resume(): void;
  /** Kills it (SIGKILL); resolves when its port is free. */
  kill(): Promise<void>;
  /** Asks it to stop, and kills it if it does not; resolves when it has ended. Its data stay. */
  stop(): Promise<void>;
  /** Starts it again on the same port and data, after stopping it if it runs; resolves when it answers. */
  restart(): Promise<void>;
  /** Resolves when it has answered a real request. */
  probe(): Promise<void>;
  /** The end of its output. */
  logTail(): Promise<string>;
}

export class ServerProcess implements Server {
  readonly #launch: Launch;
  readonly #onSpawn: SpawnListener;
  #identity: ProcessIdentity | undefined;

  constructor(launch: Launch, onSpawn: SpawnListener) {
    this.#launch = launch;
    this.#onSpawn = onSpawn;
  }

  get name(): EngineName {
    return this.#launch.name;
  }

  get url(): string {
    return this.#launch.url;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  get identity(): ProcessIdentity {
    if (this.#identity === undefined || !isRunning(this.#identity))
      throw new EnginesError('not_running', `${this.name} does not run`);
    return this.#identity;
  }

  get pid(): number {
    return this.identity.pid;
  }

  get running(): boolean {
    return this.#identity !== undefined && isRunning(this.#identity);
  }

  pause(): void {
    freezeTree(this.identity);
  }

  resume(): void {
    thawTree(this.identity);
  }

  async kill(): Promise<void> {
    if (this.#identity !== undefined) await killTree(this.#identity);
  }

  async stop(): Promise<void> {
    if (this.#identity !== undefined) await stopTree(this.#identity, stopSignals[this.name]);
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  probe(): Promise<void> {
    return this.#launch.probe();
  }

  async logTail(): Promise<string> {
    return (await readFile(this.#logPath, 'utf8')).slice(-LOG_TAIL);
  }

  /**
   * Resolves when the engine answers.
   * @throws EnginesError `start_failed` with the end of its log; the engine does not run then
   */
  async start(): Promise<void> {
    this.#identity = await this.#spawn();
    await this.#onSpawn(this.name, this.#identity);
    const { outcome, reason } = await untilReady(this.#launch.probe, () => this.running, START_TIMEOUT_MS);
    if (outcome === 'ready') return;
    if (outcome === 'ended') throw await this.#startFailure('ended while it started', reason);
    await this.kill();
    throw await this.#startFailure(`did not answer within ${START_TIMEOUT_MS / 1000} s`, reason);
  }

  async #spawn(): Promise<ProcessIdentity> {
    const { command, directory, environment, user } = this.#launch;
    const log = openSync(this.#logPath, 'a', 0o600);
    try {
      const child = spawn(command, this.#launch.arguments, {
        // The engine has a session of its own, so that Ctrl-C reaches the program that started it and not the engine.
        detached: true,
        cwd: directory,
        env: { ...process.env, ...environment },
        uid: user?.uid,
        gid: user?.gid,
        stdio: ['ignore', log, log],
      });
      const identity = child.pid === undefined ? undefined : identify(child.pid);
      await once(child, 'spawn');
      child.unref();
      if (identity === undefined) throw new Error('it ended at once');
      return identity;
    } catch (error) {
      throw await this.#startFailure(`could not be run (${command})`, error);
    } finally {
      closeSync(log);
    }
  }

  get #logPath(): string {
    return `${this.#launch.directory}.log`;
  }

  async #startFailure(what: string, cause: unknown): Promise<EnginesError> {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return new EnginesError('start_failed', `${this.name} ${what}: ${reason}\n${await this.logTail()}`, {
      cause,
    });
  }
}

/** Asks an engine to stop, and kills it and all processes below it after 15 s; resolves when all have ended. */
export async function stopTree(root: ProcessIdentity, stopSignal: NodeJS.Signals): Promise<void> {
  const tree = processTree(root);
  // The signal comes first, so that a paused engine meets it when it is resumed, and serves no request before.
  signalProcess(root, stopSignal);
  thawTree(root);
  if (await waitUntilGone(tree, STOP_TIMEOUT_MS)) return;
  await Promise.all(tree.map(killTree));
}

/** The folder of an engine, inside the folder of all engines. */
export function serverDirectory(base: string, name: EngineName): string {
  return join(base, name);
}
