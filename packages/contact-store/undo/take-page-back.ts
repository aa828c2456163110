/** Takes a page of an import back in one transaction: gate, ledger, contacts, what was kept and why. */
import { confirmedAmong } from '../chunks/confirmations.ts';
import { behindFormerUpload, FORMER_REMAINS } from '../chunks/former-upload.ts';
import { closeGateWithin } from '../chunks/import-gate.ts';
import type { Database, Queryable } from '../databases/database.ts';
import { type PageToUndo, UNDO_PAGE_CONTACTS, type UndonePage } from '../undo-page.ts';
import { type ContactToUndo, type DonePage, readPage } from './page-contacts.ts';
import { earlierPages, enterPage, settlePage } from './page-ledger.ts';
import { keepOutcomes } from './undo-outcomes.ts';
import { forgetChanges, giveUpCreations, handBack, removeContacts, restoreContacts } from './undo-writes.ts';

/** `pass over`: every contact counts as failed, and stays the import's, so that a later undo finds it. */
export type UndoMode = 'reverse' | 'pass over';

/** @param contacts of the page, at most */
export function takePageBack(
  database: Database,
  page: PageToUndo,
  mode: UndoMode,
  contacts: number = UNDO_PAGE_CONTACTS,
): Promise<UndonePage> {
  return behindFormerUpload(database, page.importId, (connection) =>
    undoOnce(connection, page, mode, contacts),
  );
}

async function undoOnce(
  connection: Queryable,
  page: PageToUndo,
  mode: UndoMode,
  limit: number,
): Promise<UndonePage | typeof FORMER_REMAINS> {
  if ((await closeGateWithin(connection, page)) === FORMER_REMAINS) return FORMER_REMAINS;
  const gate = await holdGate(connection, page);
  if (gate !== 'held') {
    // Whoever still waits for this undo must not take it for a whole one.
    const failed = gate === 'later undo' ? 1 : 0;
    return { reversed: 0, kept: 0, failed, next: null, replayed: false };
  }
  const earlier = page.page === 0 ? { earlier: await earlierPages(connection, page) } : {};
  const known = await enterPage(connection, page);
  if (known !== null) return { ...known, ...earlier, replayed: true };
  await lookUpAlongIndexes(connection);
  const { contacts, next } = await readPage(connection, page, limit);
  const done = mode === 'reverse' ? await reverse(connection, page, contacts) : passOver(contacts);
  const unknown = await keepOutcomes(connection, page, next, done);
  if (mode === 'reverse') {
    await giveUpCreations(connection, page.importId, done.left);
    await forgetChanges(connection, page, next);
  }
  const failed = done.failed.length + unknown;
  const counts = { reversed: done.reversed, kept: done.kept.length, failed, next };
  await settlePage(connection, page, counts);
  return { ...counts, ...earlier, replayed: false };
}

/** Whether the gate is this upload's, and no later undo of it has begun; both stay so until the transaction ends. */
async function holdGate(
  connection: Queryable,
  { importId, uploadId, run }: PageToUndo,
): Promise<'held' | 'later undo' | 'newer upload'> {
  const { rows } = await connection.query<{ isLast: boolean }>(
    `UPDATE import_gates SET undo_run = greatest(undo_run, $3::int)
      WHERE import_id = $1 AND upload_id = $2 RETURNING undo_run = $3::int AS "isLast"`,
    [importId, uploadId, run],
  );
  const [gate] = rows;
  if (gate === undefined) return 'newer upload';
  return gate.isLast ? 'held' : 'later undo';
}

/** Without statistics, a plan may otherwise read whole tables for each page; to compile it takes longer than to run it. */
async function lookUpAlongIndexes(connection: Queryable): Promise<void> {
  await connection.query(
    `SELECT ${['enable_seqscan', 'enable_bitmapscan', 'enable_hashjoin', 'enable_mergejoin', 'jit']
      .map((setting) => `set_config('${setting}', 'off', true)`)
      .join(', ')}`,
  );
}

function passOver(contacts: readonly ContactToUndo[]): DonePage {
  const failed = contacts.filter(({ bucket }) => bucket !== 'unchanged');
  return { reversed: 0, kept: [], failed, left: contacts };
}

async function reverse(
  connection: Queryable,
  page: PageToUndo,
  contacts: readonly ContactToUndo[],
): Promise<DonePage> {
  const untouched = contacts.filter(({ version, versionAfter }) => version === versionAfter);
  const written = untouched.filter(({ bucket }) => bucket !== 'unchanged');
  const confirmed = await confirmedAmong(connection, page.importId, written);
  const own = untouched.filter(({ id }) => !confirmed.has(id));
  const created = own.filter(({ bucket }) => bucket === 'created');
  const updated = own.filter(({ bucket }) => bucket === 'updated');
  // A contact that the import has written, and then brought back itself, shows the write before it again.
  const brought = own.filter(
    ({ bucket, lastWriter }) => bucket === 'unchanged' && lastWriter === page.importId,
  );
  await removeContacts(connection, page, created);
  await restoreContacts(connection, page, updated);
  await handBack(connection, page, brought);
  const removed = new Set(created);
  const left = contacts.filter((contact) => !removed.has(contact));
  const kept = left.filter(
    ({ id, bucket, version, versionAfter }) =>
      bucket !== 'unchanged' && (version !== versionAfter || confirmed.has(id)),
  );
  return { reversed: created.length + updated.length, kept, failed: [], left };
}
