/** What the routes of one import share: who may see it, and how its state is answered. */
import type { FoldedImport } from '@tidings/contracts/imports/folded-import.ts';
import { hasEnded, type ImportState } from '@tidings/contracts/imports/import.ts';
import { bearerOf, permitted } from '@tidings/service-kit/access/authenticate.ts';
import type { Bearer } from '@tidings/service-kit/access/bearers.ts';
import type { Request, Response } from 'express';
import type { ImportReader } from '../../imports/import-reader.ts';

/** Seconds between two requests for an import that runs: whoever waits so long stays at half of `RequestLimits.perMinute`. */
export const RETRY_AFTER_SECONDS = 2;

/**
 * The import that the address names, if the bearer may see it.
 * @throws Problem not_found: also for an import of somebody else
 */
export async function readPermittedImport(
  reader: ImportReader,
  request: Request,
  response: Response,
): Promise<FoldedImport> {
  const found = await reader.find(String(request.params.importId));
  return permitted(bearerOf(response), found, ({ state }) => state.channelId);
}

/** The state as the bearer sees it: support is told whose the import is. */
export function stateFor(bearer: Bearer, state: ImportState, owner: string | undefined): ImportState {
  return bearer.kind === 'support' && owner !== undefined ? { ...state, owner } : state;
}

/** The `ETag` is the version, which every change of the state raises, with what changes without one: what the import waits for, what is ignored, and what is left to mend. */
export function sendState(response: Response, state: ImportState): void {
  const { version, waitingFor, restChanges = 0, leftToMend, rows } = state;
  const waiting = waitingFor === null ? '' : `-${waitingFor.text.replaceAll(/\W+/g, '-')}`;
  const rest = restChanges > 0 ? `-rest-${restChanges}` : '';
  const left = leftToMend === undefined || leftToMend === rows.rejected ? '' : `-left-${leftToMend}`;
  response.set('ETag', `"${version}${waiting}${rest}${left}"`);
  if (!hasEnded(state)) response.set('Retry-After', String(RETRY_AFTER_SECONDS));
  response.json(state);
}
