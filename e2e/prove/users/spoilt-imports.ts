/** An import with a chunk that fails by its content, and what people do about it. */
import { type ImportState, isAtRest } from '@tidings/contracts/imports/import.ts';
import type { ChunkStatus } from '@tidings/contracts/services/support.ts';
import { pause } from '@tidings/failures/retry.ts';
import { oneOf, type Random } from '../choices.ts';
import type { Findings } from '../findings.ts';
import type { PatientApi } from './http.ts';

/** Milliseconds between two looks at the chunks: an order is obeyed a moment after its answer. */
const LOOK_MS = 500;
/** Looks in a row at an import that has ended, after which a dead letter that does not show is none. */
const LOOKS_AT_END = 20;

export interface SpoiltParts {
  readonly api: PatientApi;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly findings: Findings;
  /** Once it is aborted nobody waits for further failures. */
  readonly stopping: AbortSignal;
  token(): Promise<string>;
  mend(): Promise<void>;
  onNote(line: string): void;
}

export interface Treated {
  /** The chunk was given up: its rows stay failed. */
  readonly isSkipped: boolean;
}

/** Resolves once nothing of the import fails any more: what was spoilt is mended, and tried again or skipped. */
export async function treatSpoiltImport(parts: SpoiltParts, importId: string): Promise<Treated> {
  const { random, findings, stopping, mend, onNote } = parts;
  const treatment = oneOf(random, ['retry now', 'skip', 'requeue', 'retry by the owner'] as const);
  onNote(`has a spoilt import ${importId}: ${treatment}`);
  if (treatment === 'retry now') {
    await untilFailing(parts, importId);
    await mend();
    await orderEach(parts, importId, 'retrying', 'retry');
  } else if (treatment === 'skip') {
    await untilFailing(parts, importId);
    while (await orderEach(parts, importId, 'retrying', 'skip')) await look(parts);
    while (await orderEach(parts, importId, 'dead', 'skip')) await look(parts);
  } else {
    if (!(await isGivenUp(parts, importId)) && !stopping.aborted)
      findings.wrong(`import ${importId}: the database has refused a chunk of it, and none is a dead letter`);
  }
  await mend();
  const byOwner = treatment === 'retry by the owner';
  while ((await find(parts, importId, 'dead')).length > 0) {
    if (byOwner) await parts.api.command(await parts.token(), importId, 'retry');
    else await parts.api.order(`/imports/${importId}/chunks/requeue`);
    await look(parts);
  }
  return { isSkipped: (await find(parts, importId, 'skipped')).length > 0 };
}

/** Waits until a chunk waits for a further attempt, or the import has ended without. */
async function untilFailing(parts: SpoiltParts, importId: string): Promise<void> {
  const { api, stopping } = parts;
  while (!stopping.aborted && (await find(parts, importId, 'retrying')).length === 0) {
    if (hasEndedForNow(await api.getImport(importId))) return;
    await look(parts);
  }
}

/**
 * Has each further attempt made at once, until the chunk is given up. An order that comes behind the last attempt begins anew, so an end
 * without a dead letter may pass; only one that lasts tells something.
 */
async function isGivenUp(parts: SpoiltParts, importId: string): Promise<boolean> {
  const { api, stopping } = parts;
  for (let looksAtEnd = 0; looksAtEnd < LOOKS_AT_END && !stopping.aborted; ) {
    if (!hasEndedForNow(await api.getImport(importId))) {
      looksAtEnd = 0;
      await orderEach(parts, importId, 'retrying', 'retry');
    } else if ((await find(parts, importId, 'dead', 'lost')).length > 0) return true;
    else looksAtEnd += 1;
    await look(parts);
  }
  return false;
}

/** @returns whether there was any such chunk */
async function orderEach(
  parts: SpoiltParts,
  importId: string,
  status: ChunkStatus,
  action: 'retry' | 'skip',
): Promise<boolean> {
  const chunks = await find(parts, importId, status);
  for (const { chunk } of chunks) await parts.api.order(`/imports/${importId}/chunks/${chunk}/${action}`);
  return chunks.length > 0;
}

async function find({ api }: SpoiltParts, importId: string, ...statuses: readonly ChunkStatus[]) {
  return (await api.listChunks(importId)).filter(({ status }) => statuses.includes(status));
}

function hasEndedForNow(state: ImportState): boolean {
  return isAtRest(state) && state.reconciled !== null;
}

function look({ signal }: SpoiltParts): Promise<void> {
  return pause(LOOK_MS, signal);
}
