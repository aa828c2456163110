/** A page of one browser with its services, whose imports the tests follow. */
import type { ImportState } from '@tidings/contracts/imports/import.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { expect, onTestFinished } from 'vitest';
import type { FollowOptions } from '../following/followed/followed-import.ts';
import { createFollowedImports, type FollowedImports } from '../following/followed/followed-imports.ts';
import type { SentImport } from '../following/followed/sent-import.ts';
import { createStorage, stubBrowser } from './browser.ts';
import { importState } from './sample-states.ts';
import { startServices, type TestServices } from './services.ts';

export const importId = '01958f2a-7c11-7d3e-9a54-2f6b1c0d8e91';
export const route = `GET /imports/${importId}`;

export const undoing = { reversed: 0, kept: 0, failed: 0, endedAt: null };

export function csvFile(): File {
  return new File(['email\nada@example.org\n'], 'spring.csv');
}

export interface Page {
  readonly services: TestServices;
  readonly storage: ReturnType<typeof createStorage>;
  readonly imports: FollowedImports;
  /** The page after a reload: only what the browser keeps is left. */
  reload(): FollowedImports;
}

export async function openPage({
  quietMs = 60_000,
  patienceMs,
}: Pick<FollowOptions, 'quietMs' | 'patienceMs'> = {}): Promise<Page> {
  stubBrowser();
  const services = await startServices();
  services.api.answer('POST /imports', () => ({ status: 202, body: { importId } }));
  const storage = createStorage();
  const create = (): FollowedImports => {
    const pageEnd = new AbortController();
    const imports = createFollowedImports({
      ...services.address,
      storage,
      quietMs,
      patienceMs,
      pageEnd: pageEnd.signal,
    });
    onTestFinished(() => {
      pageEnd.abort();
      for (const sent of imports.unsent.peek()) sent.close();
      imports.readRecent();
      for (const { importId: id } of imports.recent.peek()) imports.find(id)?.close();
    });
    return imports;
  };
  return { services, storage, imports: create(), reload: create };
}

/** Starts an import, and waits until it has its id. */
export async function startKnown({ imports }: Page, file = csvFile()): Promise<SentImport> {
  const known: string[] = [];
  imports.start(file, (id) => known.push(id));
  const started = imports.shownUnsent.peek();
  if (started === null) throw new Error('nothing is shown');
  await eventually(() => expect(known).toEqual([importId]));
  return started;
}

export function channelOf({ imports }: Page): string {
  return imports.recent.peek()[0]?.channelId ?? '';
}

export function stateOf(changes: Partial<ImportState> = {}): ImportState {
  return importState({ importId, ...changes });
}
