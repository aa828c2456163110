/** What a command needs that carries an import back into a log which has forgotten it, or may forget it at any moment. */
import type { FoldedImport } from '@tidings/contracts/imports/folded-import.ts';
import { topics } from '@tidings/contracts/topics.ts';
import { endOfKey } from '@tidings/event-log/end-of-key.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';

/**
 * The end of the import's partition of the commands. Ask for it before the import is looked up: then the contact store has every state that was
 * forgotten before it, and the fold knows of what is forgotten behind it.
 */
export function endOfCommands(log: Pick<EventLog, 'endOffsets'>, importId: string): Promise<number> {
  return endOfKey(log, topics.commands, importId);
}

/** The newer one of what this process has read of the log, which may lag behind, and what the store has. */
export function newestOf(live: FoldedImport | undefined, stored: FoldedImport | null): FoldedImport | null {
  if (live === undefined || stored === null) return live ?? stored;
  return live.state.version > stored.state.version ? live : stored;
}
