import type { Cause } from '@tidings/contracts/event.ts';
import type { ImportCommand } from '@tidings/contracts/imports/import-commands.ts';

/** A command as it stands in the log. */
export interface LoggedCommand {
  readonly importId: string;
  readonly command: ImportCommand;
  readonly cause: Cause;
  /** In the partition of the commands; becomes the state's version. */
  readonly offset: number;
  /** Milliseconds since 1970, of the log's clock. */
  readonly timestamp: number;
}
