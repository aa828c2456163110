/** What the routes share by which people change an import: they send a command, and answer once it is folded. */
import type { FoldedImport } from '@tidings/contracts/imports/folded-import.ts';
import type { ImportState } from '@tidings/contracts/imports/import.ts';
import type { ImportCommand } from '@tidings/contracts/imports/import-commands.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import type { OrderGiver } from '@tidings/service-kit/access/order-giver.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';
import type { Response } from 'express';
import type { ImportReader } from '../../imports/import-reader.ts';
import type { Orders } from '../../orders/orders.ts';
import { isTooOld } from '../../retention/remove-old.ts';
import { sendCommand } from '../../to-log.ts';
import { sendState } from './import-answer.ts';

/** Milliseconds to wait until the command is folded. The answer then tells the import as it is. */
const FOLD_WAIT_MS = 2_000;

type PeoplesCommand = Extract<ImportCommand, { type: `import.${'cancel' | 'undo'}` }>;

export interface CommandParts {
  readonly log: EventLog;
  readonly reader: ImportReader;
  readonly orders: Pick<Orders, 'note'>;
}

/** What orders about chunks that have failed need. */
export interface ChunkOrderParts {
  readonly orders: Orders;
  readonly reader: ImportReader;
  /** Days for which the ledger of an ended import is kept. */
  readonly retentionDays: number;
}

/** Does what `sendAndWait` does. What support does is kept for the audit first. */
export async function commandImport(
  parts: CommandParts,
  folded: FoldedImport,
  giver: OrderGiver,
  command: PeoplesCommand,
  isFolded: (state: ImportState) => boolean,
): Promise<ImportState> {
  const action = command.type === 'import.cancel' ? 'cancel' : 'undo';
  const cause = await parts.orders.note(action, `import/${folded.state.importId}`, giver, folded.cause);
  return sendAndWait(parts, { ...folded, cause: cause ?? folded.cause }, command, isFolded);
}

/**
 * Sends the command, and resolves with the state once it is folded, or after 2 s with the state as it is.
 * @param isFolded whether a state shows that the command was folded, or comes too late
 */
export async function sendAndWait(
  { log, reader }: Pick<CommandParts, 'log' | 'reader'>,
  { state, cause }: FoldedImport,
  command: PeoplesCommand,
  isFolded: (state: ImportState) => boolean,
): Promise<ImportState> {
  await sendCommand(log, state.importId, command, cause);
  const shows = (folded: FoldedImport | undefined) => folded !== undefined && isFolded(folded.state);
  return (await reader.findOnce(state.importId, shows, FOLD_WAIT_MS))?.state ?? state;
}

export function sendAccepted(response: Response, state: ImportState): void {
  sendState(response.status(202), state);
}

/** @param instead what the state allows, as a sentence */
export function stateConflict({ status }: ImportState, instead: string): Problem {
  return new Problem('state_conflict', `The import is ${status.replaceAll('_', ' ')}. ${instead}`);
}

/**
 * Refuses what needs the ledger or the before-images of an import that ended too long ago.
 * @param retentionDays days for which they are kept
 */
export function refuseWhenOld(state: ImportState, retentionDays: number): void {
  if (!isTooOld(state.endedAt, retentionDays)) return;
  throw stateConflict(state, `What it has changed is kept for ${retentionDays} days, which are over.`);
}
