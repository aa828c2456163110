/** The secrets of a laptop installation: made once, kept in the data folder, readable by its owner alone. */
import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const secretsSchema = z.object({ authSecret: z.string().min(32), supportToken: z.string().min(16) });
export type Secrets = z.infer<typeof secretsSchema>;

/** Takes the secrets of the environment first; reads the others from the folder, or makes them and keeps them there. */
export async function loadSecrets(directory: string, given: Partial<Secrets>): Promise<Secrets> {
  const path = join(directory, 'secrets.json');
  const kept = (await readSecrets(path)) ?? (await makeSecrets(path));
  return {
    authSecret: given.authSecret ?? kept.authSecret,
    supportToken: given.supportToken ?? kept.supportToken,
  };
}

async function readSecrets(path: string): Promise<Secrets | null> {
  try {
    return secretsSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new Error(`${path} cannot be read, or does not hold our secrets; mend or remove it`, {
      cause: error,
    });
  }
}

async function makeSecrets(path: string): Promise<Secrets> {
  const secrets = {
    authSecret: randomBytes(32).toString('base64url'),
    supportToken: randomBytes(18).toString('base64url'),
  };
  // The file is written under another name and renamed, so that a crash never leaves half of it.
  await writeFile(`${path}.new`, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
  return secrets;
}
