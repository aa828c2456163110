/** What an import waits for, for programs (`reason`) and in a few words for people (`text`). */

export const waitingReasons = [
  'turn',
  'importer',
  'aggregator',
  'database',
  'log',
  'retry',
  'upload',
] as const;
export type WaitingReason = (typeof waitingReasons)[number];

export interface WaitingFor {
  reason: WaitingReason;
  text: string;
  /** With the reason `turn`: chunks of other imports that come first. */
  chunksBefore?: number;
  /** With the reason `retry`: which attempt at the chunk, or at the page of the undo, comes next; the first retry is attempt 2. */
  attempt?: number;
  /** With the reason `retry`: how many attempts there are before the chunk fails. */
  attempts?: number;
  /** With the reason `retry`: when it comes; ISO 8601, UTC. */
  at?: string;
}

export function waitForTurn(chunksBefore: number): WaitingFor {
  const chunks = chunksBefore === 1 ? '1 chunk' : `${chunksBefore} chunks`;
  return { reason: 'turn', text: `its turn (${chunks} of others before it)`, chunksBefore };
}

/** @param at ISO 8601, UTC; the text has its time of day */
export function waitForRetry({
  attempt,
  attempts,
  at,
}: Required<Pick<WaitingFor, 'attempt' | 'attempts' | 'at'>>): WaitingFor {
  return {
    reason: 'retry',
    text: `retry ${attempt} of ${attempts} at ${at.slice(11, 19)}`,
    attempt,
    attempts,
    at,
  };
}

const texts = {
  importer: 'no importer',
  aggregator: 'no aggregator',
  database: 'database',
  log: 'log',
  upload: 'the rest of the file',
} as const;

export function waitForPart(reason: keyof typeof texts): WaitingFor {
  return { reason, text: texts[reason] };
}
