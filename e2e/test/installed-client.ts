/** A fresh project of a stranger, into which the client's package is installed. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { buildPackage } from '@tidings/client/build-package.mjs';
import { provision } from '@tidings/testing/engines/provision.ts';
import { onTestFinished } from 'vitest';

export const run = promisify(execFile);
export const root = fileURLToPath(new URL('../..', import.meta.url));
const compiler = join(root, 'node_modules/typescript/bin/tsc');

export interface ClientProject {
  readonly folder: string;
  /** The package before it was packed. */
  readonly built: string;
}

/** @param packages besides the client, as `name@version` */
export async function installClient(folder: string, packages: readonly string[]): Promise<ClientProject> {
  const built = join(folder, 'built');
  const project = join(folder, 'project');
  await buildPackage(built);
  const packed = await run('npm', ['pack', built], { cwd: folder });
  const tarball = join(folder, packed.stdout.trim().split('\n').at(-1) ?? '');
  await mkdir(project);
  await writeFile(join(project, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  const words = ['install', '--no-audit', '--no-fund', '--prefer-offline', tarball, ...packages];
  await run('npm', words, { cwd: project });
  return { folder: project, built };
}

/** @returns what a strict compiler has to say of the project; empty where nothing is wrong */
export async function compileProject(
  project: string,
  options: Readonly<Record<string, unknown>>,
): Promise<string> {
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    target: 'es2022',
    lib: ['es2023', 'dom', 'dom.iterable'],
    types: ['node'],
    ...options,
  };
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
  const compiled = await run(process.execPath, [compiler, '-p', project]).catch((error) => error);
  return compiled.stdout;
}

/** Path of `python3`, which is installed where it is missing and can be. */
export async function findPython(): Promise<string> {
  const needs = { kafka: undefined, redis: false, postgres: false, python: true };
  const { python = '' } = await provision(needs, () => undefined);
  return python;
}

/** A program that runs until it is told to stop, or until the test has finished. */
export class RunningProgram {
  readonly #child: ChildProcess;
  output = '';

  constructor(command: string, words: readonly string[], environment: Readonly<Record<string, string>>) {
    this.#child = spawn(command, words, {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (bytes: Buffer) => {
        this.output += bytes.toString();
      });
    onTestFinished(() => void this.stop('SIGKILL'));
  }

  /** @returns the exit code */
  async stop(signal: NodeJS.Signals): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const exited = once(this.#child, 'exit');
      this.#child.kill(signal);
      await exited;
    }
    return this.#child.exitCode;
  }
}
