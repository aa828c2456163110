/** The secrets of a laptop installation: made once, kept in the data folder, readable by its owner alone. */
import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const secretsSchema = z.object({
  authSecret: z.string().min(32),
  supportToken: z.string().min(16),
  publishApiKey: z.string().min(32),
});
export type Secrets = z.infer<typeof secretsSchema>;

/** Takes the secrets of the environment first; reads the others from the folder, or makes them and keeps them there. */
export async function loadSecrets(directory: string, given: Partial<Secrets>): Promise<Secrets> {
  const path = join(directory, 'secrets.json');
  const kept = await readSecrets(path);
  // A file of an earlier release lacks the secrets that came later.
  const all = { ...makeSecrets(), ...kept };
  if (Object.keys(all).length > Object.keys(kept).length) await keepSecrets(path, all);
  return {
    authSecret: given.authSecret ?? all.authSecret,
    supportToken: given.supportToken ?? all.supportToken,
    publishApiKey: given.publishApiKey ?? all.publishApiKey,
  };
}

async function readSecrets(path: string): Promise<Partial<Secrets>> {
  try {
    return secretsSchema.partial().parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new Error(`${path} cannot be read, or does not hold our secrets; mend or remove it`, {
      cause: error,
    });
  }
}

function makeSecrets(): Secrets {
  return {
    authSecret: randomBytes(32).toString('base64url'),
    supportToken: randomBytes(18).toString('base64url'),
    publishApiKey: randomBytes(32).toString('base64url'),
  };
}

async function keepSecrets(path: string, secrets: Secrets): Promise<void> {
  // The file is written under another name and renamed, so that a crash never leaves half of it.
  await writeFile(`${path}.new`, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
}
