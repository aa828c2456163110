/**
 * What this process knows of imports that the log has forgotten lately, in one partition of the commands. Whoever sends a command that carries an
 * import back has looked it up a moment before: the import may have been brought back, changed and forgotten meanwhile.
 */
import type { FoldedImport } from '@tidings/contracts/imports/folded-import.ts';
import type { ImportFold } from '../state/import-fold.ts';

/** Imports that are remembered. Of what was looked up before the oldest of them was forgotten, it is not known whether it still holds. */
const MAX_REMEMBERED = 10_000;

interface Forgotten {
  readonly version: number;
  /** Of the command behind which it was forgotten. */
  readonly offset: number;
}

export class ForgottenImports {
  /** The first command that was folded here, or the first one of which all is remembered. */
  #since: number | null = null;
  /** By id, whichever attempt at its upload is the last; the oldest first. */
  readonly #forgotten = new Map<string, Forgotten>();
  readonly #limit: number;

  /** @param limit imports that are remembered; default 10,000 */
  constructor(limit = MAX_REMEMBERED) {
    this.#limit = limit;
  }

  /** Call it for each command, before its fold. */
  begin(offset: number): void {
    this.#since ??= offset;
  }

  /** Call it where the fold has forgotten the import. */
  add({ state: { importId, version } }: ImportFold, offset: number): void {
    this.#forgotten.delete(importId);
    this.#forgotten.set(importId, { version, offset });
    const [oldest] = this.#forgotten;
    if (this.#forgotten.size <= this.#limit || oldest === undefined) return;
    this.#forgotten.delete(oldest[0]);
    this.#since = oldest[1].offset + 1;
  }

  /**
   * Whether the import has gone on since it was looked up, or may have.
   * @param asOf the end of the commands before it was looked up
   */
  hasOvertaken({ state: { importId, version } }: FoldedImport, asOf: number): boolean {
    if (this.#since === null || asOf < this.#since) return true;
    return (this.#forgotten.get(importId)?.version ?? -1) > version;
  }
}
