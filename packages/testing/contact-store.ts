/** Embedded contact stores of tests, each on a copy of one folder that is initialised and migrated once. */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, cp, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import { migrations } from '@tidings/contact-store/databases/schema.ts';
import { openEmbeddedContactStore } from '@tidings/contact-store/open-contact-store.ts';
import { afterAll, beforeAll } from 'vitest';
import { makeFolder } from './temporary-folder.ts';

const modules = fileURLToPath(new URL('../../node_modules', import.meta.url));

/** The template's name changes with the migrations and with PGlite, so a template is never out of date. */
async function templateFolder(): Promise<string> {
  const pglite = await readFile(join(modules, '@electric-sql/pglite/package.json'), 'utf8');
  const hash = createHash('sha256').update(JSON.stringify(migrations)).update(pglite).digest('hex');
  return join(modules, '.cache/tidings', `contact-store-${hash.slice(0, 16)}`);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Makes the template under a name of its own and renames it: test processes that start together all find a whole one. */
async function makeTemplate(template: string): Promise<void> {
  await mkdir(join(template, '..'), { recursive: true });
  const draft = await mkdtemp(`${template}-draft-`);
  try {
    const store = await openEmbeddedContactStore(draft);
    await store.close();
    await rename(draft, template);
  } catch (error) {
    // Another process has renamed its draft first.
    if (!(await exists(template))) throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/**
 * Fills a folder with an empty contact store of the newest schema: a copy takes a fraction of the seconds that
 * PostgreSQL's initialisation takes. Tests of first starts and of migrations open an empty folder instead.
 */
export async function copyEmptyContactStore(folder: string): Promise<void> {
  const template = await templateFolder();
  if (!(await exists(template))) await makeTemplate(template);
  await cp(template, folder, { recursive: true, mode: constants.COPYFILE_FICLONE });
}

/** One store for all tests of a file, because opening one takes long; each test has an owner of its own. */
export function shareContactStore(): () => ContactStore {
  let store: ContactStore | null = null;
  let folder: Awaited<ReturnType<typeof makeFolder>> | null = null;
  beforeAll(async () => {
    folder = await makeFolder();
    await copyEmptyContactStore(folder.path);
    store = await openEmbeddedContactStore(folder.path);
    // The first file of a machine also makes the template, which takes a minute where everything is busy.
  }, 180_000);
  afterAll(async () => {
    await store?.close();
    await folder?.remove();
  });
  return () => {
    if (store === null) throw new Error('the store is not open before the first test begins');
    return store;
  };
}
