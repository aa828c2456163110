/** Runs a command to its end. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { EnginesError } from './errors.ts';

/** Lines of output that are kept for the error message. */
const KEPT_LINES = 30;

export interface CommandOptions {
  readonly environment?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly user?: SystemUser;
  /** Each line of its standard output, as it comes. */
  readonly onLine?: (line: string) => void;
}

export interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Resolves when the command has ended with exit code 0.
 * @throws EnginesError `command_failed`, with the end of what the command printed
 */
export async function runCommand(
  command: string,
  commandArguments: readonly string[],
  options: CommandOptions = {},
): Promise<void> {
  const tail: string[] = [];
  const child = spawn(command, commandArguments, {
    cwd: options.cwd,
    env: options.environment ?? process.env,
    uid: options.user?.uid,
    gid: options.user?.gid,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const keep = (line: string) => {
    tail.push(line);
    if (tail.length > KEPT_LINES) tail.shift();
  };
  createInterface({ input: child.stderr }).on('line', keep);
  createInterface({ input: child.stdout }).on('line', (line) => {
    keep(line);
    options.onLine?.(line);
  });
  await new Promise<void>((resolve, reject) => {
    const fail = (reason: string, cause?: Error) =>
      reject(
        new EnginesError(
          'command_failed',
          [`\`${command} ${commandArguments.join(' ')}\` ${reason}`, ...tail].join('\n'),
          { cause },
        ),
      );
    child.once('error', (error) => fail(`could not be run: ${error.message}`, error));
    child.once('close', (code, signal) =>
      code === 0 ? resolve() : fail(`failed (${signal ?? `exit code ${code}`})`),
    );
  });
}
