/** One server as a real process, which tests may pause, kill and start again on the same port and data. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
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

/** Milliseconds until a server must answer, on a busy machine. */
const START_TIMEOUT_MS = 60_000;
/** Milliseconds that a server gets to stop by itself. */
const STOP_TIMEOUT_MS = 15_000;
const PROBE_PAUSE_MS = 50;
/** Characters at the end of a server's log that an error quotes. */
const LOG_TAIL = 4_000;

export type EngineName = 'kafka' | 'redis' | 'postgres';

/** How one server is run; every part stays the same over its restarts. */
export interface Launch {
  readonly name: EngineName;
  readonly command: string;
  readonly arguments: readonly string[];
  /** Holds the server's data; its log is `<directory>.log`. */
  readonly directory: string;
  readonly user?: SystemUser;
  readonly environment?: NodeJS.ProcessEnv;
  /** Resolves when the server has answered a real request; rejects, within seconds, when it does not. */
  readonly probe: () => Promise<void>;
}

/** What asks each to stop without waiting for its clients; for those of PostgreSQL, SIGTERM would wait. */
export const stopSignals = {
  kafka: 'SIGTERM',
  redis: 'SIGTERM',
  postgres: 'SIGINT',
} as const satisfies Record<EngineName, NodeJS.Signals>;

export type SpawnListener = (name: EngineName, identity: ProcessIdentity) => void | Promise<void>;

/** What tests do to a server. All of it works on the server and every process below it. */
export interface Server {
  readonly name: EngineName;
  /** @throws EnginesError `not_running` */
  readonly pid: number;
  readonly running: boolean;
  /** Stops it where it is (SIGSTOP): connections stay open, nobody answers. */
  pause(): void;
  /** Lets it go on (SIGCONT). */
  resume(): void;
  /** Ends it as a crash would (SIGKILL); resolves when its port is free. */
  kill(): Promise<void>;
  /** Asks it to stop, kills it if it does not; resolves when it is gone. Its data stay. */
  stop(): Promise<void>;
  /** Starts it again on the same port and data, after stopping it if it runs; resolves when it answers. */
  restart(): Promise<void>;
  /** Resolves when it has answered a real request. */
  probe(): Promise<void>;
  /** The end of what it has printed. */
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
   * Resolves when the server answers.
   * @throws EnginesError `start_failed` with the end of its log; it does not run then
   */
  async start(): Promise<void> {
    this.#identity = await this.#spawn();
    await this.#onSpawn(this.name, this.#identity);
    const deadline = Date.now() + START_TIMEOUT_MS;
    for (;;) {
      const failure = await this.#launch.probe().then(
        () => undefined,
        (error: unknown) => error,
      );
      if (failure === undefined) return;
      if (!isRunning(this.#identity)) throw await this.#startFailure('ended while it started', failure);
      if (Date.now() >= deadline) {
        await this.kill();
        throw await this.#startFailure(`did not answer within ${START_TIMEOUT_MS / 1000} s`, failure);
      }
      await pause(PROBE_PAUSE_MS);
    }
  }

  async #spawn(): Promise<ProcessIdentity> {
    const { command, directory, environment, user } = this.#launch;
    const log = openSync(this.#logPath, 'a', 0o600);
    try {
      const child = spawn(command, this.#launch.arguments, {
        // A session of its own, so that Ctrl-C reaches whoever runs it and not the server behind their back.
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

/** Asks a server to stop, and kills it and all below it when it has not within 15 s; resolves when all are gone. */
export async function stopTree(root: ProcessIdentity, stopSignal: NodeJS.Signals): Promise<void> {
  const tree = processTree(root);
  // The signal first: a paused server that goes on must find it, and serve nobody in between.
  signalProcess(root, stopSignal);
  thawTree(root);
  if (await waitUntilGone(tree, STOP_TIMEOUT_MS)) return;
  await Promise.all(tree.map(killTree));
}

/** The folder of a server, inside the one of all of them. */
export function serverDirectory(base: string, name: EngineName): string {
  return join(base, name);
}
