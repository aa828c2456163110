/** The uploads whose gate the contact store has shown to be closed, the newest of them: their chunks need not be parsed. */

/** Uploads that are remembered. One that is forgotten costs the parsing of one chunk. */
const MAX_REMEMBERED = 1_000;

export class ClosedUploads {
  /** In the order in which they were added. */
  readonly #ids = new Set<string>();

  add(uploadId: string): void {
    this.#ids.delete(uploadId);
    this.#ids.add(uploadId);
    const [oldest] = this.#ids;
    if (this.#ids.size > MAX_REMEMBERED && oldest !== undefined) this.#ids.delete(oldest);
  }

  has(uploadId: string): boolean {
    return this.#ids.has(uploadId);
  }
}
