/** The folder of an empty contact store, which is initialised and migrated once and copied from then on. */
import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { migrations } from '@tidings/contact-store/databases/schema.ts';
import { runCommand } from './engines/commands.ts';

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
    // Nearly always the template is there, and what makes it need not be loaded.
    const { openEmbeddedContactStore } = await import('@tidings/contact-store/open-contact-store.ts');
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
  await mkdir(folder, { recursive: true });
  // A thousand files: Node.js would take four times as long for them.
  await runCommand('cp', ['-R', `${template}/.`, folder]);
}
