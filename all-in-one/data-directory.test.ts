import { chmod, mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@tidings/testing/temporary-folder.ts';
import { describe, expect, test } from 'vitest';
import { prepareDataDirectory } from './data-directory.ts';

async function makeFolder(mode: number): Promise<string> {
  const parent = await temporaryFolder();
  const folder = join(parent, 'data');
  await mkdir(folder);
  await chmod(folder, mode);
  return folder;
}

const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

describe('the folder of the data', () => {
  test('is made for its owner alone, with those above it', async () => {
    const parent = await makeFolder(0o755);
    const folder = join(parent, 'deep', 'data');
    await prepareDataDirectory(folder);
    expect(await modeOf(folder)).toBe(0o700);
    expect(await modeOf(parent)).toBe(0o755);
  });

  test.each([0o755, 0o750, 0o711, 0o744])(
    'of an earlier version, with mode %o, is closed to others',
    async (mode) => {
      const folder = await makeFolder(mode);
      await prepareDataDirectory(folder);
      expect(await modeOf(folder)).toBe(0o700);
    },
  );

  test.each([0o777, 0o775, 0o1777, 0o722])(
    'is refused where others may write, with mode %o, and left as it is',
    async (mode) => {
      const folder = await makeFolder(mode);
      await expect(prepareDataDirectory(folder)).rejects.toThrow(
        `others may write to it: look at what is in it, then \`chmod 700 ${folder}\``,
      );
      expect(await modeOf(folder)).toBe(mode & 0o777);
    },
  );

  test('of somebody else is refused where more than that one may look into it', async () => {
    const folder = await makeFolder(0o755);
    const another = (await stat(folder)).uid + 1;
    await expect(prepareDataDirectory(folder, another)).rejects.toThrow('it belongs to another user');
    expect(await modeOf(folder)).toBe(0o755);
  });

  test('that is a file cannot be used', async () => {
    const folder = await makeFolder(0o700);
    await writeFile(join(folder, 'file'), '');
    await expect(prepareDataDirectory(join(folder, 'file'))).rejects.toThrow(/EEXIST|ENOTDIR/);
  });
});
