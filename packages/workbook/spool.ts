/**
 * Files without a name: what must be read back and is too large for memory. The name is removed as soon as the file is open, so that
 * nothing remains of it, however the process ends.
 */
import { randomUUID } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Readable and writable, for this user alone; closing it frees its room on the disk. It stands in the folder that `TMPDIR` names. */
export async function openSpool(): Promise<FileHandle> {
  const path = join(tmpdir(), `tidings-${randomUUID()}`);
  const file = await open(path, 'wx+', 0o600);
  try {
    await unlink(path);
  } catch (error) {
    await file.close();
    throw error;
  }
  return file;
}
