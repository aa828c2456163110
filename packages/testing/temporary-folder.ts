/** Folders of tests, under the system's temporary folder. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A folder that is removed after the test that runs. */
export async function temporaryFolder(): Promise<string> {
  const { path, remove } = await makeFolder();
  onTestFinished(remove);
  return path;
}

/** A folder that the caller removes, for hooks of a whole file: no single test ends them. */
export async function makeFolder(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'tidings-test-'));
  // A process that is being killed may still write while its folder is removed.
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) };
}
