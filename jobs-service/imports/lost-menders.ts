/**
 * Imports that mended rows were handed to, and that have come to nothing: nobody has such a row now, so it can be mended and
 * handed over again.
 */
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import { hasEnded, type ImportState } from '@tidings/contracts/imports/import.ts';
import type { ImportReader } from './import-reader.ts';
import { timeOfUuid } from './uuid-time.ts';

/** Milliseconds after which an import that nobody knows has not begun, and never will. */
const NEVER_BEGUN_MS = 10 * 60_000;

/** Which of the imports came to nothing. */
export async function lostMenders(
  reader: Pick<ImportReader, 'read'>,
  menders: Iterable<string>,
): Promise<ReadonlySet<string>> {
  const lost = new Set<string>();
  for (const by of new Set(menders)) {
    const known = await reader.read(by);
    const isOld = Date.now() - (timeOfUuid(by) ?? 0) > NEVER_BEGUN_MS;
    if (known === null ? isOld : cameToNothing(known.state)) lost.add(by);
  }
  return lost;
}

/** Its process ended before the import was accepted, its upload broke off, it was taken back, or it was a dry run. */
function cameToNothing(state: ImportState): boolean {
  if (!hasEnded(state)) return false;
  return state.upload === 'aborted' || state.status === 'undone' || state.dryRun;
}

/** Takes the rows of an import back from those that came to nothing. */
export async function takeBackLost(
  reader: Pick<ImportReader, 'read'>,
  contactStore: Pick<ContactStore, 'mendersOf' | 'takeBackMended'>,
  importId: string,
): Promise<void> {
  for await (const menders of contactStore.mendersOf(importId))
    for (const by of await lostMenders(reader, menders)) await contactStore.takeBackMended(importId, by);
}
