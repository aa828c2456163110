/** Python with the packages that foreign clients need, in the user's cache folder. What is missing fails the test that needs it. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const socketIo = ['python-socketio==5.18.1', 'requests==2.34.2', 'websocket-client==1.9.2'];
const kafka = ['kafka-python==3.0.12'];
const run = promisify(execFile);

/** Makes the environment once. @returns the path of its `python` */
export function pythonWithSocketIo(): Promise<string> {
  return pythonWith(socketIo);
}

/** The same, with kafka-python. */
export function pythonWithKafka(): Promise<string> {
  return pythonWith(kafka);
}

async function pythonWith(packages: readonly string[]): Promise<string> {
  const folder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'tidings-python');
  const environment = join(folder, packages.join('_').replaceAll('==', '-'));
  if (!existsSync(environment)) await install(folder, environment, packages);
  return join(environment, 'bin', 'python');
}

/** A run that ends half-way leaves nothing that looks whole. */
async function install(folder: string, environment: string, packages: readonly string[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  const work = await mkdtemp(join(folder, '.installing-'));
  try {
    await run('python3', ['-m', 'venv', work]);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages];
    await run(join(work, 'bin', 'python'), pip);
    await rename(work, environment).catch((error: NodeJS.ErrnoException) => {
      // Another run was quicker.
      if (!existsSync(environment)) throw error;
    });
  } catch (error) {
    throw new Error('Python 3 with venv and pip, and PyPI, are needed for foreign clients', { cause: error });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
