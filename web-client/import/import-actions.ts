import type { FollowedActions } from '../following/followed-import.ts';

/** What a reader can do with an import. */
export interface ImportActions extends FollowedActions {
  /** Fetches the rejected rows and lets the browser save them as a file. */
  downloadRejected(): Promise<void>;
}
