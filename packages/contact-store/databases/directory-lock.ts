/**
 * A lock file for a folder whose database does not guard itself. It names the process, and when that was started, so the
 * file that a killed process left behind does not lock anybody out, nor does a stranger with the same process id.
 *
 * It tells an honest mistake; it is no guard against two processes that start in the same instant.
 */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ContactStoreError } from '../contact-store.ts';

const holderSchema = z.object({ pid: z.int().positive(), started: z.string().nullable() });

/** Folders that this thread has locked. */
const locked = new Set<string>();

/** When a process was started, in clock ticks since the boot; null where the system does not tell. */
async function startOf(pid: number): Promise<string | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in brackets and may hold spaces; the start is the 22nd.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

async function isHeld(file: string): Promise<boolean> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch {
    return false;
  }
  // A file cut short by a crash names nobody.
  const holder = holderSchema.safeParse(parseOrNull(text));
  if (!holder.success || holder.data.pid === process.pid || !isAlive(holder.data.pid)) return false;
  return (await startOf(holder.data.pid)) === holder.data.started;
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * Locks a folder for this process and returns what unlocks it.
 * @throws ContactStoreError `store_in_use`
 */
export async function lockDirectory(folder: string): Promise<() => Promise<void>> {
  const file = join(folder, 'contact-store.lock');
  if (locked.has(folder) || (await isHeld(file))) {
    throw new ContactStoreError('store_in_use', `Another process has the contacts in ${folder} open.`);
  }
  locked.add(folder);
  await writeFile(file, JSON.stringify({ pid: process.pid, started: await startOf(process.pid) }));
  return async () => {
    await rm(file, { force: true });
    locked.delete(folder);
  };
}
