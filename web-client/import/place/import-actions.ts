import type { RejectedFileKind } from '@tidings/contracts/files/rejected-file.ts';
import type { FollowedActions, FollowedImport } from '../../following/followed/followed-import.ts';

/** What a reader can do with an import. */
export interface ImportActions extends FollowedActions {
  /** Fetches the rejected rows and lets the browser save them as a file. @throws ProblemError */
  downloadRejected(kind: RejectedFileKind): Promise<void>;
  /** Has the browser tell the end; false where the person does not allow that. null where the browser cannot. */
  readonly tellWhenDone: (() => Promise<boolean>) | null;
  /** Follows another import of this browser until it is left; null where this browser cannot open it. */
  follow(importId: string): { readonly followed: FollowedImport | null; readonly leave: () => void };
}
