/** Prepares the folder of everything that is kept, so that only its owner can read it. */
import { access, chmod, constants, mkdir, stat } from 'node:fs/promises';

/** Bits of a folder's mode: all rights of group and others, and their right to write. */
const OTHERS = 0o077;
const OTHERS_WRITE = 0o022;

/**
 * Makes the folder, or closes one of ours that others may read. Refuses one that others may write to: its files may be theirs.
 * @param user id of the user that we run as; undefined where the system has no users
 * @throws Error, with one line that says what to do
 */
export async function prepareDataDirectory(directory: string, user = process.getuid?.()): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const { mode, uid } = await stat(directory);
  if (user !== undefined && (mode & OTHERS) !== 0) {
    if ((mode & OTHERS_WRITE) !== 0)
      throw new Error(`others may write to it: look at what is in it, then \`chmod 700 ${directory}\``);
    if (uid !== user)
      throw new Error(
        'it belongs to another user, and more than that one may read it: set it to a folder of your own',
      );
    await chmod(directory, 0o700);
  }
  await access(directory, constants.R_OK | constants.W_OK | constants.X_OK);
}
