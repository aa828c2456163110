/** Applies a chunk in one transaction: gate, ledger, contacts with their changes, rejected rows, delta. */
import { type BucketCounts, noRows } from '@tidings/contracts/imports/import.ts';
import type { AppliedChunk, ChunkToApply, RejectedRow } from '../chunk-to-apply.ts';
import { lastWriterOf, type StoredContact } from '../contact-image.ts';
import { growsTooLarge } from '../contact-size.ts';
import { ContactStoreError } from '../contact-store-error.ts';
import type { Database, Queryable } from '../databases/database.ts';
import { LARGE_AT_A_TIME, slicesOf } from '../databases/small-rows.ts';
import { keepRejectedRows, traitsOf } from '../imports/rejected-rows.ts';
import { queueForIndex } from '../search/search-index.ts';
import {
  apply,
  type Change,
  type ContactRows,
  changeOfCreation,
  create,
  groupByContact,
} from './bucket-rule.ts';
import { type IdRange, settleChunk } from './chunk-ledger.ts';
import { keepConfirmations } from './confirmations.ts';
import { creationToKeep, type KeptChange, keepChanges, readChanges } from './contact-changes.ts';
import { type ContactToWrite, createdAmong, lockContacts, writeContacts } from './contact-writes.ts';
import { writtenAs } from './dry-run.ts';
import { behindFormerUpload, FORMER_REMAINS } from './former-upload.ts';
import { enterChunk } from './import-gate.ts';
import { newContactIds } from './new-contact-ids.ts';

/** Each round but the last has found that another transaction created one of its contacts. */
const CREATION_ROUNDS = 10;

export async function applyChunk(database: Database, chunk: ChunkToApply): Promise<AppliedChunk> {
  if (chunk.rows !== chunk.valid.length + chunk.rejected.length) {
    throw new RangeError(`Chunk ${chunk.chunk} does not hold the ${chunk.rows} rows that it claims.`);
  }
  return behindFormerUpload(database, chunk.importId, (connection) => applyOnce(connection, chunk), {
    admitsLookUps: true,
  });
}

async function applyOnce(
  connection: Queryable,
  chunk: ChunkToApply,
): Promise<AppliedChunk | typeof FORMER_REMAINS> {
  const entry = await enterChunk(connection, chunk);
  if (entry === FORMER_REMAINS) return entry;
  const { closed, attempt, hasEnded } = entry;
  if (entry.state === 'barred')
    return { delta: { ...noRows(), cancelled: chunk.rows }, replayed: false, closed, hasEnded };
  if (entry.state === 'applied') return { delta: entry.delta, replayed: true, closed, hasEnded };
  const delta = noRows();
  const rejected: RejectedRow[] = [];
  const created: string[] = [];
  const written = new Set<string>();
  const confirmed = new Set<string>();
  if (closed) {
    delta.cancelled = chunk.rows;
  } else {
    rejected.push(
      ...chunk.rejected,
      ...(await upsertContacts(
        connection,
        { ...(await writtenAs(connection, chunk)), attempt, created, written, confirmed },
        delta,
      )),
    );
    await keepRejectedRows(connection, chunk.importId, rejected, chunk.warned);
    if (!chunk.dryRun) {
      await keepConfirmations(connection, chunk.importId, confirmed);
      await queueForIndex(connection, { owner: chunk.owner, ids: [...written], created: created.length });
    }
    delta.rejected = rejected.length;
  }
  await settleChunk(
    connection,
    chunk,
    delta,
    traitsOf(rejected, chunk.header.length),
    chunk.dryRun ? null : rangeOf(created),
  );
  return { delta, replayed: false, closed, hasEnded };
}

interface EnteredChunk extends ChunkToApply {
  readonly attempt: number;
  /** The ids of the contacts that it has created so far. */
  readonly created: string[];
  /** The ids of the contacts that it has created or changed so far. */
  readonly written: Set<string>;
  /** The imports whose contacts it has found as they had left them. */
  readonly confirmed: Set<string>;
}

function rangeOf(ids: readonly string[]): IdRange | null {
  const [first] = ids;
  if (first === undefined) return null;
  const range = { first, last: first };
  for (const id of ids) {
    if (id < range.first) range.first = id;
    if (id > range.last) range.last = id;
  }
  return range;
}

/** What the chunk does to one contact. */
interface Step {
  readonly group: ContactRows;
  /** Whether the contact would become too large. The other fields then mean nothing. */
  readonly refused: boolean;
  readonly write: ContactToWrite | null;
  /** null for a contact that exists. */
  readonly newId: string | null;
  readonly changes: readonly KeptChange[];
  /** The import that had left the contact as the rows want it; null where that was nobody else. */
  readonly confirms: string | null;
  /** The bucket that the import's earlier chunks put the contact into. */
  readonly from: Change['bucket'] | null;
  readonly to: Change['bucket'];
}

async function upsertContacts(
  connection: Queryable,
  chunk: EnteredChunk,
  delta: BucketCounts,
): Promise<RejectedRow[]> {
  const rejected: RejectedRow[] = [];
  let groups = groupByContact(chunk.valid);
  for (let round = 0; groups.length > 0; round++) {
    if (round === CREATION_ROUNDS) {
      throw new ContactStoreError(
        'store_unavailable',
        'Others create and delete the same contacts all the time.',
      );
    }
    const { steps, large } = await planSteps(connection, chunk, groups, false);
    const lost = await takeSteps(connection, chunk, steps, delta, rejected);
    for (const slice of slicesOf(large, LARGE_AT_A_TIME)) {
      const { steps: ofSlice } = await planSteps(connection, chunk, slice, true);
      lost.push(...(await takeSteps(connection, chunk, ofSlice, delta, rejected)));
    }
    groups = lost;
  }
  return rejected;
}

/** Writes the contacts and counts their rows. Returns the groups whose contact another transaction has just created. */
async function takeSteps(
  connection: Queryable,
  chunk: EnteredChunk,
  planned: readonly Step[],
  delta: BucketCounts,
  rejected: RejectedRow[],
): Promise<ContactRows[]> {
  const steps = planned.filter(({ refused }) => !refused);
  for (const { group, refused } of planned) {
    if (refused) rejected.push(...group.rows.map(({ row }) => chunk.toRejected(row, 'contact_too_large')));
  }
  const lost = await writeSteps(connection, chunk, steps);
  const taken = steps.filter(({ group }) => !lost.has(group));
  for (const step of taken) {
    count(delta, step);
    if (step.newId !== null) chunk.created.push(step.newId);
    if (step.write !== null) chunk.written.add(step.write.id);
    if (step.confirms !== null) chunk.confirmed.add(step.confirms);
  }
  await keepChanges(
    connection,
    chunk.importId,
    taken.flatMap(({ changes }) => changes),
  );
  return [...lost];
}

function count(delta: BucketCounts, { from, to, group }: Step): void {
  delta[to] += 1;
  if (from === null) {
    delta.duplicate += group.rows.length - 1;
  } else {
    delta[from] -= 1;
    delta.duplicate += group.rows.length;
  }
}

/** @param whole reads large contacts too; without it they are returned as `large` */
async function planSteps(
  connection: Queryable,
  chunk: EnteredChunk,
  groups: readonly ContactRows[],
  whole: boolean,
): Promise<{ steps: Step[]; large: ContactRows[] }> {
  const emails = groups.map((group) => group.email);
  const locked = await lockContacts(connection, chunk.owner, emails, whole);
  const found = [...locked.contacts.values()];
  const known = await readChanges(
    connection,
    chunk.importId,
    found.map((contact) => contact.id),
    whole,
  );
  const ids = newContactIds(groups.length - locked.contacts.size - locked.large.size).values();
  const steps: Step[] = [];
  const large: ContactRows[] = [];
  for (const group of groups) {
    const contact = locked.contacts.get(group.email);
    if (locked.large.has(group.email) || (contact !== undefined && known.large.has(contact.id))) {
      large.push(group);
    } else if (contact === undefined) {
      steps.push(planCreation(chunk, group, ids.next().value ?? ''));
    } else {
      steps.push(planChange(chunk, group, contact, known.changes.get(contact.id) ?? null));
    }
  }
  return { steps, large };
}

function planCreation({ importId, attempt }: EnteredChunk, group: ContactRows, id: string): Step {
  const { email } = group;
  const { image, spelling, highestRow, change } = create(group, attempt);
  const attributes = JSON.stringify(image.attributes);
  return {
    group,
    refused: growsTooLarge({ ...image, email }, attributes, null),
    write: {
      id,
      email,
      spelling,
      isSpelled: spelling !== null,
      image,
      attributes,
      version: 1,
      createdByRow: highestRow,
      lastImport: null,
    },
    newId: id,
    changes: change === null ? [] : [{ importId, contactId: id, change }],
    confirms: null,
    from: null,
    to: 'created',
  };
}

function planChange(
  { importId, attempt, duplicates = 'update' }: EnteredChunk,
  group: ContactRows,
  contact: StoredContact,
  kept: Change | null,
): Step {
  const known = kept ?? (contact.createdByImport === importId ? changeOfCreation(contact) : null);
  const { image, spelling, written, change, changeDiffers } = apply(contact, known, group, {
    ...{ importId, attempt, duplicates },
  });
  const changes: KeptChange[] = changeDiffers ? [{ importId, contactId: contact.id, change }] : [];
  if (written && contact.createdByImport !== importId) changes.push(...creationToKeep(contact));
  const { id, email } = contact;
  const writer = written || change.bucket !== 'unchanged' ? null : lastWriterOf(contact);
  const attributes = written ? JSON.stringify(image.attributes) : '';
  return {
    group,
    refused: written && growsTooLarge({ ...image, email }, attributes, contact),
    write: written
      ? {
          id,
          email,
          spelling,
          isSpelled: spelling !== null || contact.spelling !== null,
          image,
          attributes,
          version: contact.version + 1,
          createdByRow: null,
          lastImport: importId,
        }
      : null,
    newId: null,
    changes,
    confirms: writer === importId ? null : writer,
    from: known?.attempt === attempt ? known.bucket : null,
    to: change.bucket,
  };
}

/** Writes the contacts. Returns the groups whose contact another transaction has just created. */
async function writeSteps(
  connection: Queryable,
  chunk: EnteredChunk,
  steps: readonly Step[],
): Promise<Set<ContactRows>> {
  const contacts = steps.flatMap((step) => (step.write === null ? [] : [step.write]));
  const written = await writeContacts(connection, chunk, contacts);
  if (written === contacts.length) return new Set();
  const creations = steps.flatMap(({ newId, group }) => (newId === null ? [] : [{ newId, group }]));
  const created = await createdAmong(
    connection,
    creations.map(({ newId }) => newId),
  );
  return new Set(creations.filter(({ newId }) => !created.has(newId)).map(({ group }) => group));
}
