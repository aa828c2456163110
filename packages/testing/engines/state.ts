/** What the command line has started, kept on disk between its calls: enough to find those processes again and to touch no others. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { EnginesError } from './errors.ts';
import { identify, isRunning } from './process-table.mjs';

const identitySchema = z.object({ pid: z.int().positive(), startTime: z.string().min(1) });

const stateSchema = z.object({
  version: z.literal(1),
  /** The data folder of all engines. `down` removes it, so it must be one that we have made. */
  directory: z.string().regex(/[\\/]tidings-engines-[^\\/]+$/),
  kafkaVersion: z.string(),
  /** Each with the start time of its process, which tells it from a later process with the same id. */
  servers: z.array(identitySchema.extend({ name: z.enum(['kafka', 'redis', 'postgres']) })).max(3),
  /** Empty until all engines have answered. */
  environment: z.record(z.string(), z.string()),
});

export type EnginesState = z.infer<typeof stateSchema>;

export class StateFile {
  readonly #directory: string;
  readonly path: string;

  /** @param directory is made where it is missing; readable by its owner alone, because the addresses hold passwords */
  constructor(directory: string) {
    this.#directory = directory;
    this.path = join(directory, 'state.json');
  }

  /** @throws EnginesError `state_unreadable` */
  async read(): Promise<EnginesState | undefined> {
    try {
      return stateSchema.parse(JSON.parse(await readFile(this.path, 'utf8')));
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return undefined;
      throw new EnginesError(
        'state_unreadable',
        `${this.path} does not say what was started: end its servers yourself and remove it`,
        { cause: error },
      );
    }
  }

  async write(state: EnginesState): Promise<void> {
    const fresh = `${this.path}.${randomBytes(4).toString('hex')}`;
    await writeFile(fresh, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
    await rename(fresh, this.path);
  }

  async remove(): Promise<void> {
    await rm(this.path, { force: true });
  }

  /**
   * Runs the action while no other process does.
   * @throws EnginesError `busy`
   */
  async exclusively<T>(action: () => Promise<T>): Promise<T> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const path = join(this.#directory, 'lock');
    await this.#lock(path);
    try {
      return await action();
    } finally {
      await rm(path, { force: true });
    }
  }

  async #lock(path: string): Promise<void> {
    for (;;) {
      try {
        return await writeFile(path, JSON.stringify(identify(process.pid)), { flag: 'wx', mode: 0o600 });
      } catch (error) {
        if (!hasCode(error, 'EEXIST')) throw error;
      }
      const holder = await readHolder(path);
      if (holder !== undefined && isRunning(holder))
        throw new EnginesError('busy', `another call of this command runs (process ${holder.pid})`);
      // The holder of the lock has died.
      await rm(path, { force: true });
    }
  }
}

async function readHolder(path: string): Promise<z.infer<typeof identitySchema> | undefined> {
  try {
    return identitySchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
