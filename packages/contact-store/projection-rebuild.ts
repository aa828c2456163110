/** The projection of ended imports, built once more. */
import type { FoldedImport } from '@tidings/contracts/imports/folded-import.ts';

/** How the imports of the rebuilt projection stand to those of the running one, by import. */
export interface RebuildComparison {
  /** Imports that were built anew. */
  readonly rebuilt: number;
  /** Of those: the very same in both. */
  readonly same: number;
  /** Of the same version, but not of the same content. */
  readonly different: number;
  /** Imports that are different, by id; 20 at most. */
  readonly differing: readonly string[];
  /** The running projection has a newer version, which is kept: the import went on meanwhile. */
  readonly goneOn: number;
  /** The running projection has an older version. */
  readonly behind: number;
  /** The running projection does not have it. */
  readonly missing: number;
  /** The running projection alone has it: the log no longer tells it from its beginning, or it ended just now. It is copied. */
  readonly copied: number;
}

/** The projection of ended imports, built once more beside the running one. */
export interface ProjectionRebuild {
  /** Keeps an import as `projectImport` does, in the second projection. */
  project(folded: FoldedImport): Promise<void>;
  compare(): Promise<RebuildComparison>;
  /**
   * Puts the second projection in the place of the running one, in one transaction, with what the running one alone has, or has in a newer
   * version. Resolves with the comparison of that moment.
   */
  switchOver(): Promise<RebuildComparison>;
  /** Removes the second projection; nothing has happened then. */
  discard(): Promise<void>;
}
